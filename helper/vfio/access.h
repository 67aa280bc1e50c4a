/* SPDX-License-Identifier: MIT */
#ifndef ISM_ACCESS_H
#define ISM_ACCESS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/protocol_limits.h"
#include "vfio/vfio.h"

/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t now_ns(void);

/*
 * Where in the device's file a store of @len bytes to @offset of @region goes, when neither the
 * driver nor the device would refuse or clip it; else -1 with @f. Touches nothing.
 */
int store_target(const struct vfio_device *dev, uint32_t region, uint64_t offset, size_t len,
		 off_t *at, struct failure *f);

/*
 * One store: exactly one pwrite of @len bytes to @offset of @region, never repeated. What the
 * driver would refuse or clip is refused before the device is touched. Returns the bytes that
 * pwrite reported (less than @len is a failed store), or -1 with @f; *@duration_ns is how long
 * pwrite took.
 */
long store(struct vfio_device *dev, uint32_t region, uint64_t offset, const unsigned char *data,
	   size_t len, uint64_t *duration_ns, struct failure *f);

/*
 * Where a read of @len bytes of @region goes, when it may be read there; else -1 with @f. Touches
 * nothing. A read across the region's end is left to the driver, unless another region may follow.
 */
int load_target(const struct vfio_device *dev, uint32_t region, uint64_t offset, size_t len,
		off_t *at, struct failure *f);

/* One pread of @len bytes; returns the bytes read, or -1 with @f. */
long load(struct vfio_device *dev, uint32_t region, uint64_t offset, unsigned char *data,
	  size_t len, struct failure *f);

#endif
