// SPDX-License-Identifier: MIT
#include "stores/burst.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "vfio/access.h"
#include "stores/ticks.h"

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

static void note_failure(struct burst_result *r, const struct burst *b, uint64_t index, ssize_t n,
			 int err)
{
	if (!r->failed++) {
		r->error_index = index;
		r->error_offset = b->offset + index * b->step;
		r->error = n < 0 ? err : 0;
		r->error_count = n < 0 ? 0 : (uint64_t)n;
	}
}

/* Latencies that wait to be counted: the histogram lies on pages that no store should need. */
struct taken {
	uint64_t ticks[32];
	size_t held;
};

static void count_taken(struct taken *t, struct histogram *h)
{
	size_t i;

	for (i = 0; i < t->held; i++)
		histogram_add(h, ticks_ns(t->ticks[i]));
	t->held = 0;
}

int burst_run(struct vfio_device *dev, const struct burst *b, run_attend attend, void *context,
	      struct burst_result *r, struct failure *f)
{
	/*
	 * What a store needs is kept here, on one page with the loop's other variables: after a
	 * system call every page costs a translation.
	 */
	const struct burst own = *b;
	const int fd = dev->fd;
	const uint64_t attend_ticks = ns_ticks(BURST_ATTEND_NS);
	struct taken taken = {.held = 0};
	enum run_end ended;
	uint64_t sent = 0;
	uint64_t bytes = 0;
	uint64_t start;
	uint64_t before;
	uint64_t attended;
	off_t base;

	memset(r, 0, sizeof(*r));
	if (burst_check(dev, b, &base, f))
		return -1;
	/* A request to stop, or the end of the input, may have arrived already. */
	ended = attend(context);
	start = attended = before = ticks_now();
	while (ended == RUN_CONTINUES && sent < own.count) {
		ssize_t n = pwrite(fd, own.data, own.len, base + (off_t)(sent * own.step));
		int err = n < 0 ? errno : 0;
		/*
		 * The clock is read once a store: the end of one is the beginning of the next.
		 * So a latency contains the few instructions between two pwrites.
		 */
		uint64_t now = ticks_now();

		if (n == (ssize_t)own.len) {
			taken.ticks[taken.held++] = now - before;
			if (taken.held == sizeof(taken.ticks) / sizeof(taken.ticks[0]))
				count_taken(&taken, &r->latency);
		} else {
			note_failure(r, &own, sent, n, err);
			if (own.stop_on_error)
				ended = RUN_ERROR;
		}
		if (n > 0)
			bytes += (uint64_t)n;
		sent++;
		before = now;
		if (now - attended >= attend_ticks && ended == RUN_CONTINUES && sent < own.count) {
			ended = attend(context);
			attended = before = ticks_now();
		}
	}
	count_taken(&taken, &r->latency);
	r->duration_ns = ticks_ns(before - start);
	r->ended = ended == RUN_CONTINUES ? RUN_COUNT : ended;
	r->sent = sent;
	r->succeeded = sent - r->failed;
	r->bytes = bytes;
	return 0;
}
