/* SPDX-License-Identifier: MIT */
#ifndef ISM_DMB_H
#define ISM_DMB_H

#include "base/protocol_limits.h"
#include "dmb/dma.h"

/* A direct memory buffer: memory of this process that one other function may store into. */
struct dmb {
	bool used;
	bool mapped; /* the function reaches @memory */
	uint64_t token;
	uint32_t size;
	uint64_t iova;
	unsigned char *memory; /* the function writes to it at any time */
	unsigned char *seen;   /* its contents at the last signal */
};

/* What a function needs to have buffers, and the buffers. */
struct dmb_owner {
	struct dma dma;
	uint64_t gid;
	uint64_t base;	      /* where in the function's address space the pages below are */
	unsigned char *pages; /* the SBA, and behind it the event queue */
	bool mapped;
	bool has_sba;
	bool has_ieq;
	struct dmb dmbs[DMBS_MAX];
};

/* A signal to a buffer. */
struct dmb_signal {
	size_t slot;
	uint64_t time_ns;    /* CLOCK_MONOTONIC, when the interrupt was seen */
	uint64_t interrupts; /* since the last call; they may be fewer than stores
			      */
	uint16_t mask;	     /* dmbe_mask: bit 0x8000 >> n is index n modulo 16 */
	uint32_t from;	     /* the first byte that changed since the last signal, and how far */
	uint32_t len;	     /* 0: no byte did */
};

typedef void (*dmb_signal_handler)(const struct dmb_owner *owner, const struct dmb_signal *signal,
				   void *context);

/* Prepare @dev for buffers: memory, interrupt, SBA and event queue. NULL and @f on failure. */
struct dmb_owner *dmb_owner_new(struct vfio_device *dev, struct failure *f);

/*
 * Unregister whatever is registered (buffers, then the event queue, then the SBA) and free it.
 * Returns 0, or -1 with @f for the first command that failed; it is freed all the same.
 */
int dmb_owner_free(struct dmb_owner *owner, struct failure *f);

/* Register a buffer of @size bytes, zeroed, for the function @gid alone; the slot, or -1 with @f.
 */
int dmb_register(struct dmb_owner *owner, uint32_t size, uint64_t gid, struct failure *f);
int dmb_unregister(struct dmb_owner *owner, size_t slot, struct failure *f);

bool dmb_any(const struct dmb_owner *owner);

/* Take the pending interrupts: @handle is called for each buffer that was signalled. */
void dmb_collect(struct dmb_owner *owner, dmb_signal_handler handle, void *context);

/* The part of it that reads the SBA; @time_ns and @interrupts are passed to @handle. */
void dmb_scan(struct dmb_owner *owner, uint64_t time_ns, uint64_t interrupts,
	      dmb_signal_handler handle, void *context);

#endif
