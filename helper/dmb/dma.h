/* SPDX-License-Identifier: MIT */
#ifndef ISM_DMA_H
#define ISM_DMA_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "vfio/vfio.h"

/* What lets a function reach this process: mapped memory, bus mastering and one interrupt. */
struct dma {
	struct vfio_device *dev;
	uint32_t ioas;	  /* of iommufd, 0 with a container */
	bool attached;	  /* to that */
	int event;	  /* an eventfd that counts interrupts, or -1 */
	uint32_t irq;	  /* the vfio index of the interrupt */
	bool mastering;	  /* the function may write to memory, which it might not before */
	off_t command_at; /* the command register in the device's file */
	uint16_t former_command;
};

/* Let the function reach what will be mapped, and interrupt; -1 with @f and nothing left behind. */
int dma_begin(struct dma *d, struct vfio_device *dev, struct failure *f);

/* Undo dma_begin(). Unmap all memory before. */
void dma_end(struct dma *d);

/* Map @len bytes at @memory for reading and writing at @iova; both are whole pages. */
int dma_map(struct dma *d, void *memory, uint64_t iova, size_t len, struct failure *f);
void dma_unmap(struct dma *d, uint64_t iova, size_t len);

#endif
