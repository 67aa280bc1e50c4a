// SPDX-License-Identifier: MIT
#include "burst.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "access.h"

/*
 * Check every store before the first is sent. Offsets repeat within 4 KiB blocks after at most so
 * many steps as a block has bytes, and the last store is the one that comes nearest to the
 * region's end, so that these stand for all.
 */
int burst_check(struct vfio_device *dev, const struct burst *b, off_t *base, struct failure *f)
{
	uint64_t i;
	off_t at;

	if (b->count > 1 && b->step > (UINT64_MAX - b->offset) / (b->count - 1))
		return fail(f, "EINVAL", "store-past-end",
			    "%" PRIu64 " steps of 0x%" PRIx64 " from 0x%" PRIx64
			    " leave the 64 bits of an offset",
			    b->count - 1, b->step, b->offset);
	if (store_target(dev, b->region, b->offset, b->len, base, f))
		return -1;
	for (i = 1; b->step && i < b->count && i < STORE_BLOCK; i++)
		if (store_target(dev, b->region, b->offset + i * b->step, b->len, &at, f))
			return -1;
	return store_target(dev, b->region, b->offset + (b->count - 1) * b->step, b->len, &at, f);
}

static void note_failure(struct burst_result *r, const struct burst *b, ssize_t n, int err)
{
	if (!r->failed++) {
		r->error_index = r->sent;
		r->error_offset = b->offset + r->sent * b->step;
		r->error = n < 0 ? err : 0;
		r->error_count = n < 0 ? 0 : (uint64_t)n;
	}
}

int burst_run(struct vfio_device *dev, const struct burst *b, burst_attend attend, void *context,
	      struct burst_result *r, struct failure *f)
{
	uint64_t start;
	uint64_t before;
	uint64_t attended;
	off_t base;

	memset(r, 0, sizeof(*r));
	if (burst_check(dev, b, &base, f))
		return -1;
	/* What is there already may be a request to stop, or the end of the input. */
	r->ended = attend(context);
	start = attended = before = now_ns();
	while (!r->ended && r->sent < b->count) {
		ssize_t n = pwrite(dev->fd, b->data, b->len, base + (off_t)(r->sent * b->step));
		int err = errno;
		/*
		 * The clock is read once a store: the end of one is the beginning of the next.
		 * So a latency contains the few instructions between two pwrites.
		 */
		uint64_t now = now_ns();

		if (n == (ssize_t)b->len) {
			r->succeeded++;
			histogram_add(&r->latency, now - before);
		} else {
			note_failure(r, b, n, err);
			if (b->stop_on_error)
				r->ended = "error";
		}
		if (n > 0)
			r->bytes += (uint64_t)n;
		r->sent++;
		before = now;
		if (now - attended >= BURST_ATTEND_NS && !r->ended && r->sent < b->count) {
			r->ended = attend(context);
			attended = before = now_ns();
		}
	}
	r->duration_ns = before - start;
	if (!r->ended)
		r->ended = "count";
	return 0;
}
