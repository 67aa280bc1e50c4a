/* SPDX-License-Identifier: MIT */
#ifndef ISM_BURST_H
#define ISM_BURST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "vfio/access.h"
#include "stores/histogram.h"
#include "stores/run_end.h"
#include "vfio/vfio.h"

/*
 * How long a burst goes on before it looks whether there is input. Looking is a system call, which
 * takes a good part of the time of a store: every 5 ms it made a burst 4 % slower than its pwrites.
 */
#define BURST_ATTEND_NS 20000000u

/* @count stores of the same bytes, the first at @offset, each @step after the one before. */
struct burst {
	uint32_t region;
	uint64_t offset;
	uint64_t step;
	uint64_t count;
	const unsigned char *data;
	size_t len;
	bool stop_on_error;
};

struct burst_result {
	enum run_end ended;
	uint64_t sent; /* how many pwrites were made */
	uint64_t succeeded;
	uint64_t failed;
	uint64_t bytes;
	uint64_t duration_ns;
	uint64_t error_index;	  /* the first failure's, as the next three, if @failed */
	uint64_t error_offset;	  /* in the region */
	int error;		  /* its errno, or 0 when it was short */
	uint64_t error_count;	  /* how many bytes were written then */
	struct histogram latency; /* of those that succeeded */
};

/* Refuse a burst of which any store would be refused; else *@base is where the first one goes. */
int burst_check(struct vfio_device *dev, const struct burst *b, off_t *base, struct failure *f);

/*
 * Refuse a burst of which any store would be refused, else send it. No store is repeated: each is
 * one pwrite, and one that failed is counted and left. @attend is called before the first store
 * and then every BURST_ATTEND_NS. Returns 0, or -1 with @f when nothing was
 * sent because a check failed.
 */
int burst_run(struct vfio_device *dev, const struct burst *b, run_attend attend, void *context,
	      struct burst_result *r, struct failure *f);

#endif
