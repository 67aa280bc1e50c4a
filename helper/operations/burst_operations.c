// SPDX-License-Identifier: MIT
/* Many stores in a row, measured here, and the request that ends them early. */
#include "operations/operations.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vfio/access.h"
#include "base/json_pairs.h"
#include "stores/burst.h"

/* splitmix64: the bytes of a seed can be made again elsewhere, most significant byte first. */
static void fill_from_seed(unsigned char *data, size_t len, uint64_t seed)
{
	uint64_t word = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		if (i % 8 == 0) {
			seed += 0x9e3779b97f4a7c15u;
			word = (seed ^ seed >> 30) * 0xbf58476d1ce4e5b9u;
			word = (word ^ word >> 27) * 0x94d049bb133111ebu;
			word ^= word >> 31;
		}
		data[i] = (unsigned char)(word >> (56 - 8 * (i % 8)));
	}
}

/* The bytes: 'data', or 'size' bytes made from 'seed'. */
static int field_bytes(const json_t *req, unsigned char *data, size_t *len, struct failure *f)
{
	bool given = json_object_get(req, "data") != NULL;
	uint64_t size;
	uint64_t seed;

	if (given && (json_object_get(req, "size") || json_object_get(req, "seed")))
		return fail(f, "EINVAL", NULL,
			    "the field 'data' excludes the fields 'size' and 'seed'");
	if (given)
		return field_data(req, "data", data, STORE_BLOCK, len, f);
	if (field_uint(req, "size", 0, STORE_BLOCK, &size, f) || field_hex64(req, "seed", &seed, f))
		return -1;
	*len = (size_t)size;
	fill_from_seed(data, *len, seed);
	return 0;
}

static int field_burst(const json_t *req, struct burst *b, struct failure *f)
{
	uint64_t region;

	if (field_uint(req, "region", 0, UINT32_MAX, &region, f) ||
	    field_hex64(req, "offset", &b->offset, f) ||
	    (json_object_get(req, "step") && field_hex64(req, "step", &b->step, f)) ||
	    field_uint(req, "count", 1, BURST_MAX, &b->count, f) ||
	    field_bool(req, "stopOnError", &b->stop_on_error, f))
		return -1;
	b->region = (uint32_t)region;
	return 0;
}

enum run_end attend_run(void *context)
{
	struct session *s = context;
	bool gone = s->attend && s->attend(s);

	/* If a stop and the end of the input arrive together, report the stop. */
	if (s->stop_asked)
		return RUN_STOPPED;
	return gone ? RUN_NO_INPUT : RUN_CONTINUES;
}

static json_t *error_json(const struct burst_result *r)
{
	char message[160];

	if (!r->failed)
		return json_null();
	if (r->error)
		snprintf(message, sizeof(message),
			 "the kernel refused the store at 0x%" PRIx64 ": %s", r->error_offset,
			 strerror(r->error));
	else
		snprintf(message, sizeof(message),
			 "only %" PRIu64 " bytes of the store at 0x%" PRIx64 " were written",
			 r->error_count, r->error_offset);
	return JSON_OBJECT(PAIR_NUMBER("index", r->error_index),
			   PAIR_HEX64("offset", r->error_offset),
			   PAIR_TEXT("code", r->error ? errno_name(r->error) : "short"),
			   PAIR_TEXT("message", message));
}

static json_t *latency_json(const struct histogram *h)
{
	json_t *pairs;
	unsigned int merged;

	if (!h->total)
		return json_null();
	pairs = histogram_pairs(h, &merged);
	return JSON_OBJECT(
		PAIR_NUMBER("min", h->min), PAIR_NUMBER("p50", histogram_percentile(h, 500)),
		PAIR_NUMBER("p90", histogram_percentile(h, 900)),
		PAIR_NUMBER("p99", histogram_percentile(h, 990)),
		PAIR_NUMBER("p999", histogram_percentile(h, 999)), PAIR_NUMBER("max", h->max),
		PAIR_NUMBER("merged", merged), PAIR("buckets", pairs));
}

static json_t *result_json(const struct burst *b, const struct burst_result *r)
{
	double seconds = (double)r->duration_ns / 1e9;
	double rate = r->duration_ns ? (double)r->sent / seconds : 0;

	return JSON_OBJECT(
		PAIR_TEXT("ended", run_end_name(r->ended)), PAIR_NUMBER("requested", b->count),
		PAIR_NUMBER("sent", r->sent), PAIR_NUMBER("succeeded", r->succeeded),
		PAIR_NUMBER("failed", r->failed), PAIR_NUMBER("bytes", r->bytes),
		PAIR_NUMBER("durationNs", r->duration_ns), PAIR_REAL("storesPerSecond", rate),
		PAIR("firstError", error_json(r)), PAIR("latencyNs", latency_json(&r->latency)));
}

json_t *op_burst(struct session *s, const json_t *req, struct failure *f)
{
	struct vfio_device *dev = field_handle(&s->open, req, f);
	/* The kernel reads the buffer as 8-byte words, as in op_store(). */
	_Alignas(8) unsigned char data[STORE_BLOCK];
	struct burst b = {.data = data, .stop_on_error = true};
	struct burst_result *r;
	json_t *result = NULL;

	if (!dev || field_burst(req, &b, f) || field_bytes(req, data, &b.len, f))
		return NULL;
	r = malloc(sizeof(*r));
	if (!r)
		return NULL;
	s->running = json_integer_value(json_object_get(req, "id"));
	s->stop_asked = false;
	if (!burst_run(dev, &b, attend_run, s, r, f))
		result = result_json(&b, r);
	s->running = -1;
	free(r);
	return result;
}

json_t *op_stop(struct session *s, const json_t *req, struct failure *f)
{
	uint64_t id;
	bool running;

	if (field_uint(req, "request", 0, INT64_MAX, &id, f))
		return NULL;
	running = s->running >= 0 && (uint64_t)s->running == id;
	if (running)
		s->stop_asked = true;
	return JSON_OBJECT(PAIR_BOOL("stopped", running));
}
