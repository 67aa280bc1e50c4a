// SPDX-License-Identifier: MIT
#include "dmb/dma_range.h"

#include <inttypes.h>
#include <string.h>
#include <sys/ioctl.h>
#include "vfio/uapi.h"

/* Room for a structure and the capabilities behind it. */
#define INFO_MAX 4096

/* The ranges of a type 1 container; 0 if it reports none. */
static size_t query_container_ranges(int container, struct dma_range *ranges)
{
	union {
		struct vfio_iommu_type1_info info;
		unsigned char bytes[INFO_MAX];
	} u;
	uint32_t at;

	memset(&u, 0, sizeof(u));
	u.info.argsz = sizeof(u);
	if (ioctl(container, VFIO_IOMMU_GET_INFO, &u.info) ||
	    !(u.info.flags & VFIO_IOMMU_INFO_CAPS))
		return 0;
	/* Each step must go forward and stay inside the buffer, even in a corrupt chain. */
	for (at = u.info.cap_offset; at >= sizeof(u.info) && at <= sizeof(u) - 16;) {
		struct vfio_iommu_type1_info_cap_iova_range cap;
		size_t room = (sizeof(u) - at - sizeof(cap)) / sizeof(struct dma_range);
		size_t count;

		memcpy(&cap, u.bytes + at, sizeof(cap));
		if (cap.header.id == VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE) {
			count = cap.nr_iovas < DMA_RANGES_MAX ? cap.nr_iovas : DMA_RANGES_MAX;
			count = count < room ? count : room;
			memcpy(ranges, u.bytes + at + sizeof(cap), count * sizeof(*ranges));
			return count;
		}
		if (cap.header.next <= at)
			return 0;
		at = cap.header.next;
	}
	return 0;
}

/* The same of an address space of iommufd, to which the function is attached. */
static size_t query_iommufd_ranges(int iommufd, uint32_t ioas, struct dma_range *ranges)
{
	struct iommu_ioas_iova_ranges ask = {
		.size = sizeof(ask),
		.ioas_id = ioas,
		.num_iovas = DMA_RANGES_MAX,
		.allowed_iovas = (uintptr_t)ranges,
	};

	/* With more than fit it fails, and has filled in as many as do. */
	if (ioctl(iommufd, IOMMU_IOAS_IOVA_RANGES, &ask) && ask.num_iovas <= DMA_RANGES_MAX)
		return 0;
	return ask.num_iovas < DMA_RANGES_MAX ? ask.num_iovas : DMA_RANGES_MAX;
}

int dma_range_choose(const struct dma_range *ranges, size_t count, const struct zpci_info *zpci,
		     uint64_t len, uint64_t step, uint64_t *base)
{
	size_t i;

	for (i = 0; i < count; i++) {
		uint64_t start = ranges[i].start;
		uint64_t end = ranges[i].end;

		if (zpci->has_base && zpci->start_dma > start)
			start = zpci->start_dma;
		if (zpci->has_base && zpci->end_dma < end)
			end = zpci->end_dma;
		if (start > UINT64_MAX - (step - 1))
			continue;
		start = (start + step - 1) / step * step;
		if (start <= end && end - start >= len - 1) {
			*base = start;
			return 0;
		}
	}
	return -1;
}

int dma_range_find(const struct dma *d, uint64_t len, uint64_t step, uint64_t *base,
		   struct failure *f)
{
	const struct vfio_device *dev = d->dev;
	const struct zpci_info *zpci = &dev->zpci;
	struct dma_range ranges[DMA_RANGES_MAX];
	size_t count = dev->cdev ? query_iommufd_ranges(dev->iommu_fd, d->ioas, ranges)
				 : query_container_ranges(dev->iommu_fd, ranges);

	if (!count && zpci->has_base) {
		ranges[0] = (struct dma_range){zpci->start_dma, zpci->end_dma};
		count = 1;
	}
	if (!count)
		return fail(f, "ENOTSUP", NULL,
			    "this kernel reports no DMA range of %s, neither for its IOMMU nor in "
			    "the zPCI capability; use Linux 5.4 or newer",
			    dev->address);
	if (dma_range_choose(ranges, count, zpci, len, step, base))
		return fail(f, "ENOTSUP", NULL,
			    "the DMA range of %s is 0x%" PRIx64 " to 0x%" PRIx64
			    ", which is too small",
			    dev->address, zpci->has_base ? zpci->start_dma : ranges[0].start,
			    zpci->has_base ? zpci->end_dma : ranges[count - 1].end);
	return 0;
}
