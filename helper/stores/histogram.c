// SPDX-License-Identifier: MIT
#include "stores/histogram.h"

#include "base/protocol_limits.h"

static size_t bucket_of(uint64_t ns)
{
	unsigned int shift = 0;

	if (ns >> HISTOGRAM_MAX_BIT)
		return HISTOGRAM_BUCKETS - 1;
	if (ns >> (HISTOGRAM_BITS + 1))
		shift = 63 - (unsigned int)__builtin_clzll(ns) - HISTOGRAM_BITS;
	return ((size_t)shift << HISTOGRAM_BITS) + (size_t)(ns >> shift);
}

/* The smallest value of a bucket. */
static uint64_t bucket_start(size_t i)
{
	size_t shift = i >> HISTOGRAM_BITS ? (i >> HISTOGRAM_BITS) - 1 : 0;

	return (uint64_t)(i - (shift << HISTOGRAM_BITS)) << shift;
}

void histogram_add(struct histogram *h, uint64_t ns)
{
	if (!h->total || ns < h->min)
		h->min = ns;
	if (ns > h->max)
		h->max = ns;
	h->total++;
	h->buckets[bucket_of(ns)]++;
}

uint64_t histogram_percentile(const struct histogram *h, unsigned int per_mille)
{
	uint64_t rank = (h->total * per_mille + 999) / 1000;
	uint64_t seen = 0;
	size_t i;

	/* The last bucket has no end of its own. */
	for (i = 0; i < HISTOGRAM_BUCKETS - 1; i++) {
		seen += h->buckets[i];
		if (seen >= rank) {
			uint64_t last = bucket_start(i + 1) - 1;

			return last < h->max ? last : h->max;
		}
	}
	return h->max;
}

static size_t count_pairs(const struct histogram *h, unsigned int merged)
{
	size_t pairs = 0;
	size_t i;
	size_t j;

	for (i = 0; i < HISTOGRAM_BUCKETS; i += merged) {
		for (j = 0; j < merged && !h->buckets[i + j]; j++)
			;
		pairs += j < merged;
	}
	return pairs;
}

/* A pair takes at most 23 characters, so that all of them fit into a line with room to spare. */
json_t *histogram_pairs(const struct histogram *h, unsigned int *merged)
{
	json_t *pairs = json_array();
	size_t i;
	size_t j;

	for (*merged = 1; count_pairs(h, *merged) > HISTOGRAM_PAIRS_MAX; *merged *= 2)
		;
	for (i = 0; i < HISTOGRAM_BUCKETS; i += *merged) {
		uint64_t count = 0;

		for (j = 0; j < *merged; j++)
			count += h->buckets[i + j];
		if (count)
			json_array_append_new(pairs,
					      json_pack("[I, I]", (json_int_t)bucket_start(i),
							(json_int_t)count));
	}
	return pairs;
}
