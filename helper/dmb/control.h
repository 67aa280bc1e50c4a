/* SPDX-License-Identifier: MIT */
#ifndef ISM_CONTROL_H
#define ISM_CONTROL_H

#include <stddef.h>
#include <stdint.h>

#include "vfio/vfio.h"

/* The commands that are used here; numbers and layouts as in drivers/s390/net/ism.h. */
enum ism_command {
	ISM_REG_SBA = 0x01,
	ISM_REG_IEQ = 0x02,
	ISM_READ_GID = 0x03,
	ISM_REG_DMB = 0x0a,
	ISM_UNREG_DMB = 0x0b,
	ISM_UNREG_SBA = 0x11,
	ISM_UNREG_IEQ = 0x12,
};

/* What a command carries behind its header, at most. */
#define CONTROL_BODY_MAX 32

/*
 * One command through the control page, never repeated: the @len bytes of @body are stored, then
 * the header, which starts it, and the answer is read, of which @room bytes behind the header go to
 * @answer. All of it is big-endian. Returns 0, or -1 with @f, whose code is answer-0xNNNN when the
 * function refused the command.
 */
int control_command(struct vfio_device *dev, enum ism_command command, const void *body, size_t len,
		    void *answer, size_t room, struct failure *f);

/* The function's own GID. */
int control_read_gid(struct vfio_device *dev, uint64_t *gid, struct failure *f);

#endif
