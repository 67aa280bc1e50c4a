/* SPDX-License-Identifier: MIT */
#ifndef ISM_SCRIPT_H
#define ISM_SCRIPT_H

#include "stores/burst.h"

/* A name that stands for no failure in answers: a store or read went well that should not have. */
#define SCRIPT_NO_ERROR "none"

enum script_kind {
	SCRIPT_STORE,
	SCRIPT_BURST,
	SCRIPT_READ,
	SCRIPT_EXPECT,
	SCRIPT_SLEEP,
	SCRIPT_REPEAT,
	SCRIPT_END,
};

struct script_step {
	enum script_kind kind;
	uint32_t region;
	uint64_t offset; /* in the region; for SCRIPT_EXPECT in what was read */
	uint64_t count;	 /* stores of a burst, rounds of a repeat, nanoseconds of a sleep */
	uint64_t step;	 /* of a burst */
	size_t data;	 /* where the bytes are in the script's bytes, at a multiple of 8 */
	size_t mask;	 /* where the mask is, if @masked */
	size_t len;	 /* of the bytes, or how much is read */
	off_t at;	 /* of an access in the device's file, by script_check() */
	size_t partner;	 /* of a repeat its end, and of an end its repeat */
	bool masked;
	char error[24]; /* which failure is expected of a store or read, or empty */
};

struct script {
	struct script_step *steps;
	size_t count;
	size_t room;
	unsigned char *bytes;
	size_t used;
	size_t bytes_room;
};

struct script_result {
	/* Stopped or without input: before a step, or within a burst. */
	enum run_end ended;
	uint64_t steps; /* carried out: stores of bursts one by one; neither repeat nor end */
	uint64_t reads;
	uint64_t sent; /* as in struct burst_result */
	uint64_t succeeded;
	uint64_t failed;
	uint64_t bytes;
	uint64_t duration_ns;
	/* Where it ended, unless it is done. */
	size_t at;
	uint64_t rounds[SCRIPT_MAX_DEPTH]; /* of the repeats around it, from 0, outermost first */
	size_t depth;
	uint64_t at_sent; /* when it ended in a burst: how many of its stores were sent */
	/* Why it failed or was refused: an errno's name, "short", "bytes" or SCRIPT_NO_ERROR. */
	struct failure failure;
	bool has_actual; /* with "bytes": those in place of the expected ones */
	unsigned char actual[STORE_BLOCK];
	size_t actual_len;
};

/* Forget everything, as at first. */
void script_clear(struct script *script);

/*
 * Append a step, whose bytes (@len of them) and mask (NULL for none) are copied. Returns 0, or -1
 * with @f when the script would become too large.
 */
int script_add(struct script *script, const struct script_step *step, const unsigned char *data,
	       const unsigned char *mask, struct failure *f);

/* The burst that a step of that kind is. */
struct burst script_burst(const struct script *script, const struct script_step *step);

/*
 * Pair repeats with their ends, bound what the script does, and check every access against the
 * device, which is not touched. Returns 0, or -1 with @f, and in *@at the step.
 */
int script_check(struct script *script, struct vfio_device *dev, size_t *at, struct failure *f);

/*
 * Check every step and every store against the device, then carry the steps out until one fails.
 * Each store is one pwrite, exactly as often as the script requests. Returns 0, or -1 when
 * memory is exhausted.
 */
int script_run(struct script *script, struct vfio_device *dev, run_attend attend, void *context,
	       struct script_result *result);

#endif
