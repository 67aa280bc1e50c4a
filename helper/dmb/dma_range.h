/* SPDX-License-Identifier: MIT */
#ifndef ISM_DMA_RANGE_H
#define ISM_DMA_RANGE_H

#include "dmb/dma.h"

/* Addresses that a function may use for DMA, the last one included. */
struct dma_range {
	uint64_t start;
	uint64_t end;
};

/* More than an IOMMU of s390 has, which is one; what follows is not looked at. */
#define DMA_RANGES_MAX 32

/*
 * Where @len bytes fit that begin at a multiple of @step: the first place in @ranges (@count of
 * them) that the zPCI capability, if there is one, allows as well. Returns 0, or -1.
 */
int dma_range_choose(const struct dma_range *ranges, size_t count, const struct zpci_info *zpci,
		     uint64_t len, uint64_t step, uint64_t *base);

/*
 * The same for an address space that has been begun, with the ranges that the IOMMU itself tells;
 * every kernel since 5.4 (containers) and 6.2 (iommufd) does. Returns 0, or -1 with @f.
 */
int dma_range_find(const struct dma *d, uint64_t len, uint64_t step, uint64_t *base,
		   struct failure *f);

#endif
