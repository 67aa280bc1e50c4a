// SPDX-License-Identifier: MIT
#include "vfio/access.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "vfio/uapi.h"

#include "vfio/window.h"

/* The region, when it may be accessed as @flag asks (VFIO_REGION_INFO_FLAG_READ or _WRITE). */
static const struct region *find_usable_region(const struct vfio_device *dev, uint32_t index,
					       uint32_t flag, const char *rule, struct failure *f)
{
	const struct region *region;

	if (index >= dev->num_regions || index >= MAX_REGIONS) {
		fail(f, "EINVAL", rule, "%s has regions 0 to %u; there is no region %u",
		     dev->address, dev->num_regions - 1, index);
		return NULL;
	}
	region = &dev->regions[index];
	if (region->err) {
		fail(f, "EINVAL", rule, "the driver refuses region %u of %s with %s", index,
		     dev->address, errno_name(region->err));
		return NULL;
	}
	if (!region->size) {
		fail(f, "EINVAL", rule, "region %u of %s is not implemented (its size is 0)", index,
		     dev->address);
		return NULL;
	}
	if (!region->window) {
		fail(f, "EINVAL", rule,
		     "the driver's offset of region %u of %s, 0x%" PRIx64 ", leaves no room for it",
		     index, dev->address, region->offset);
		return NULL;
	}
	if (!(region->flags & flag)) {
		fail(f, "EINVAL", rule, "region %u of %s cannot be %s", index, dev->address,
		     flag == VFIO_REGION_INFO_FLAG_WRITE ? "written" : "read");
		return NULL;
	}
	return region;
}

/* Whether the bytes stay where the position in the file still means @region. */
static int check_window(const struct vfio_device *dev, const struct region *region, uint64_t offset,
			size_t len, const char *rule, struct failure *f)
{
	if (offset < region->window && len <= region->window - offset)
		return 0;
	return fail(f, "EINVAL", rule,
		    "%zu bytes at 0x%" PRIx64
		    " would reach another region: the offsets of the driver %s leave 0x%" PRIx64
		    " bytes for this one",
		    len, offset, *dev->driver ? dev->driver : "of this function", region->window);
}

/* BAR0 is the move space, which takes PCISTB alone. */
#define MOVE_REGION 0

/*
 * What ism_vfio_pci's store path checks (drivers/vfio/pci/ism/main.c), in words. The driver clips
 * the count to the region's end before its other checks, so that a store over the end would be
 * carried out in part: that is refused here as well. Alignment is left alone on purpose: ISM
 * functions have relaxed alignment rules.
 */
static int check_store(const struct vfio_device *dev, const struct region *region, uint64_t offset,
		       size_t len, struct failure *f)
{
	size_t limit = STORE_BLOCK;
	const char *name = "the driver's limit for one store";

	if (dev->zpci.imaxstbl && dev->zpci.imaxstbl < limit) {
		limit = dev->zpci.imaxstbl;
		name = "imaxstbl of this function";
	}
	if (!len)
		return fail(f, "EINVAL", "store-empty", "a store needs at least one byte");
	if (len > limit)
		return fail(f, "EINVAL", "store-too-long",
			    "a store of %zu bytes is longer than %zu, %s", len, limit, name);
	if (offset >= region->size)
		return fail(f, "EINVAL", "store-past-end",
			    "offset 0x%" PRIx64 " is past the end of the region, 0x%" PRIx64,
			    offset, region->size);
	if (len > region->size - offset)
		return fail(f, "EINVAL", "store-clipped",
			    "only %" PRIu64 " of the %zu bytes lie inside the region; the driver "
			    "would store only those",
			    region->size - offset, len);
	if (offset % STORE_BLOCK + len > STORE_BLOCK)
		return fail(f, "EINVAL", "store-crosses-page",
			    "%zu bytes at 0x%" PRIx64 " cross a 4 KiB boundary; at most %" PRIu64
			    " fit",
			    len, offset, STORE_BLOCK - offset % STORE_BLOCK);
	return check_window(dev, region, offset, len, "store-past-window", f);
}

/*
 * vfio-pci carries a write out as stores of 8, 4, 2 and 1 bytes (vfio_pci_core_do_io_rw() of
 * drivers/vfio/pci/vfio_pci_rdwr.c), none of which moves data in ISM.
 */
static int check_driver(const struct vfio_device *dev, uint32_t index, struct failure *f)
{
	if (index != MOVE_REGION || strcmp(dev->driver, PLAIN_VFIO_DRIVER))
		return 0;
	return fail(f, "EINVAL", "store-needs-ism-driver",
		    "a store to BAR0 of %s cannot work while it is bound to vfio-pci, which splits "
		    "it into stores of at most 8 bytes; bind it to ism_vfio_pci",
		    dev->address);
}

uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

int store_target(const struct vfio_device *dev, uint32_t region_index, uint64_t offset, size_t len,
		 off_t *at, struct failure *f)
{
	const struct region *region = find_usable_region(
		dev, region_index, VFIO_REGION_INFO_FLAG_WRITE, "store-region-not-writable", f);

	if (!region || check_driver(dev, region_index, f) ||
	    check_store(dev, region, offset, len, f))
		return -1;
	*at = (off_t)(region->offset + offset);
	return 0;
}

long store(struct vfio_device *dev, uint32_t region, uint64_t offset, const unsigned char *data,
	   size_t len, uint64_t *duration_ns, struct failure *f)
{
	uint64_t before;
	ssize_t n;
	off_t at;
	int err;

	if (store_target(dev, region, offset, len, &at, f))
		return -1;
	before = now_ns();
	n = pwrite(dev->fd, data, len, at);
	err = errno;
	*duration_ns = now_ns() - before;
	if (n < 0)
		return fail_errno(f, err, "the kernel refused the store of %zu bytes at 0x%" PRIx64,
				  len, offset);
	return n;
}

int load_target(const struct vfio_device *dev, uint32_t region_index, uint64_t offset, size_t len,
		off_t *at, struct failure *f)
{
	const struct region *region =
		find_usable_region(dev, region_index, VFIO_REGION_INFO_FLAG_READ, NULL, f);

	if (!region)
		return -1;
	if (offset >= region->size)
		return fail(f, "EINVAL", NULL,
			    "offset 0x%" PRIx64 " is past the end of the region, 0x%" PRIx64,
			    offset, region->size);
	/* What lies past the region's end but within its window the driver clips. */
	if (check_window(dev, region, offset, len, NULL, f))
		return -1;
	*at = (off_t)(region->offset + offset);
	return 0;
}

long load(struct vfio_device *dev, uint32_t region, uint64_t offset, unsigned char *data,
	  size_t len, struct failure *f)
{
	ssize_t n;
	off_t at;

	if (load_target(dev, region, offset, len, &at, f))
		return -1;
	n = pread(dev->fd, data, len, at);
	if (n < 0)
		return fail_errno(f, errno, "the kernel refused to read %zu bytes at 0x%" PRIx64,
				  len, offset);
	return n;
}
