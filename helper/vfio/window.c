// SPDX-License-Identifier: MIT
#include "vfio/window.h"

#include <string.h>

/*
 * Where an index is in a position. ism_vfio_pci has 48 bits below it, because BAR0 has them; every
 * other driver is taken to use the core's, VFIO_PCI_OFFSET_SHIFT (include/linux/vfio_pci_core.h).
 */
#define ISM_SHIFT 48
#define CORE_SHIFT 40

static uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t region_window(const struct vfio_device *dev, uint32_t index)
{
	unsigned int shift = strcmp(dev->driver, ISM_VFIO_DRIVER) ? CORE_SHIFT : ISM_SHIFT;
	const struct region *region = &dev->regions[index];
	uint64_t stride = UINT64_C(1) << shift;
	uint64_t window;
	uint32_t i;

	/* A position is an off_t: 63 bits. */
	if (index >= MAX_REGIONS || region->err || !region->size || region->offset > INT64_MAX)
		return 0;
	window =
		min_u64(stride - region->offset % stride, (uint64_t)INT64_MAX - region->offset + 1);
	for (i = 0; i < MAX_REGIONS; i++) {
		const struct region *other = &dev->regions[i];

		if (i == index || other->err)
			continue;
		if (other->offset > region->offset)
			window = min_u64(window, other->offset - region->offset);
		/* A position cannot distinguish two regions with the same offset. */
		else if (other->offset == region->offset && other->size)
			return 0;
	}
	return window;
}
