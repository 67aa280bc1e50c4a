// SPDX-License-Identifier: MIT
/* ISM's commands, in the order in which drivers/s390/net/ism_drv.c (ism_cmd()) carries them out. */
#include "dmb/control.h"

#include <endian.h>
#include <stdio.h>
#include <string.h>

#include "vfio/access.h"

/* BAR2 holds the control page. */
#define CONTROL_REGION 2

/* struct ism_req_hdr and struct ism_resp_hdr. */
struct control_header {
	uint32_t command;
	uint16_t answer; /* of a request: 0 */
	uint16_t length; /* with the header */
};

static const char *command_name(enum ism_command command)
{
	switch (command) {
	case ISM_REG_SBA:
		return "ISM_REG_SBA";
	case ISM_REG_IEQ:
		return "ISM_REG_IEQ";
	case ISM_READ_GID:
		return "ISM_READ_GID";
	case ISM_REG_DMB:
		return "ISM_REG_DMB";
	case ISM_UNREG_DMB:
		return "ISM_UNREG_DMB";
	case ISM_UNREG_SBA:
		return "ISM_UNREG_SBA";
	case ISM_UNREG_IEQ:
		return "ISM_UNREG_IEQ";
	}
	return "the command";
}

/* One store to the control page, which must be whole. */
static int control_write(struct vfio_device *dev, uint64_t offset, const void *bytes, size_t len,
			 struct failure *f)
{
	uint64_t duration_ns;
	long n = store(dev, CONTROL_REGION, offset, bytes, len, &duration_ns, f);

	if (n >= 0 && (size_t)n != len)
		fail(f, "EIO", NULL, "only %ld of %zu bytes were written", n, len);
	return n == (long)len ? 0 : -1;
}

static int control_read(struct vfio_device *dev, uint64_t offset, void *bytes, size_t len,
			struct failure *f)
{
	long n = load(dev, CONTROL_REGION, offset, bytes, len, f);

	if (n >= 0 && (size_t)n != len)
		fail(f, "EIO", NULL, "only %ld of %zu bytes were read", n, len);
	return n == (long)len ? 0 : -1;
}

/* Says in @f which command it was that failed. */
static int command_failed(const struct vfio_device *dev, enum ism_command command,
			  struct failure *f)
{
	struct failure why = *f;

	return fail(f, why.code, *why.rule ? why.rule : NULL, "%s of %s failed: %.300s",
		    command_name(command), dev->address, why.message);
}

int control_command(struct vfio_device *dev, enum ism_command command, const void *body, size_t len,
		    void *answer, size_t room, struct failure *f)
{
	/* The kernel reads the buffer as 8-byte words, as in op_store(). */
	_Alignas(8) unsigned char words[CONTROL_BODY_MAX] = {0};
	_Alignas(8) struct control_header header = {
		.command = htobe32(command),
		.length = htobe16((uint16_t)(sizeof(header) + len)),
	};
	unsigned int code;

	if (len > sizeof(words))
		return fail(f, "EINVAL", NULL, "a command of %zu bytes is too long", len);
	if (len)
		memcpy(words, body, len);
	if ((len && control_write(dev, sizeof(header), words, len, f)) ||
	    control_write(dev, 0, &header, sizeof(header), f) ||
	    control_read(dev, 0, &header, sizeof(header), f))
		return command_failed(dev, command, f);
	code = be16toh(header.answer);
	if (code) {
		char name[16];

		snprintf(name, sizeof(name), "answer-0x%04x", code);
		return fail(f, name, NULL, "%s of %s was answered with 0x%04x%s",
			    command_name(command), dev->address, code,
			    code == 0xffff ? " (no answer)" : "");
	}
	if (room && be16toh(header.length) < sizeof(header) + room)
		return fail(f, "EPROTO", NULL, "the answer to %s of %s has %u bytes instead of %zu",
			    command_name(command), dev->address, be16toh(header.length),
			    sizeof(header) + room);
	if (room && control_read(dev, sizeof(header), answer, room, f))
		return command_failed(dev, command, f);
	return 0;
}

int control_read_gid(struct vfio_device *dev, uint64_t *gid, struct failure *f)
{
	uint64_t answer;

	if (control_command(dev, ISM_READ_GID, NULL, 0, &answer, sizeof(answer), f))
		return -1;
	*gid = be64toh(answer);
	return 0;
}
