/* SPDX-License-Identifier: MIT */
#ifndef ISM_VFIO_H
#define ISM_VFIO_H

#include "sysfs/sysfs.h"
#include "vfio/device.h"

enum vfio_api { VFIO_API_AUTO, VFIO_API_CDEV, VFIO_API_GROUP };

/* Open @address and learn its regions; returns 0, or -1 with @f filled and nothing left open. */
int vfio_open(struct vfio_device *dev, const struct roots *roots, const char *address,
	      enum vfio_api api, struct failure *f);

void vfio_close(struct vfio_device *dev);

/* Ask the driver for region @index; the answer or its errno goes to @region. */
void vfio_query_region(int fd, uint32_t index, struct region *region);

/*
 * Whether some process holds the vfio device open. The kernel lets an unbind wait until it is
 * closed, so callers ask first. Fails (-1, @f) when it cannot be known.
 */
int vfio_is_open_elsewhere(const struct roots *roots, const char *address, bool *busy,
			   struct failure *f);

#endif
