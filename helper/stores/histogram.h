/* SPDX-License-Identifier: MIT */
#ifndef ISM_HISTOGRAM_H
#define ISM_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>
#include <jansson.h>

/*
 * Durations in nanoseconds, counted in buckets of fixed number: values below 256 have one each, and
 * each power of two above has 128 of the same width, so that a bucket's width is at most 1/128
 * (0.8 %) of its values. What takes 2^40 ns (18 minutes) or longer is counted in the last one.
 */
#define HISTOGRAM_BITS 7
#define HISTOGRAM_MAX_BIT 40
#define HISTOGRAM_BUCKETS ((HISTOGRAM_MAX_BIT - HISTOGRAM_BITS + 1) << HISTOGRAM_BITS)

struct histogram {
	uint64_t total;
	uint64_t min; /* exact, as is max */
	uint64_t max;
	uint32_t buckets[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *h, uint64_t ns);

/* The largest value of the bucket that @per_mille of the values reach, at most the maximum. */
uint64_t histogram_percentile(const struct histogram *h, unsigned int per_mille);

/*
 * Smallest value and count of each bucket that has any, as pairs; 2 or 4 neighbours become one
 * (*@merged) where there would be more pairs than a line of the protocol holds.
 */
json_t *histogram_pairs(const struct histogram *h, unsigned int *merged);

#endif
