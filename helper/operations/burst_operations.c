// SPDX-License-Identifier: MIT
/* Many stores in a row, measured here, and the request that ends them early. */
#include "operations/operations.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vfio/access.h"
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

/* The bytes: either as they are, or as many as 'size' says, made from 'seed'. */
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
	if (field_uint(req, "size", STORE_BLOCK, &size, f) || field_hex64(req, "seed", &seed, f))
		return -1;
	*len = (size_t)size;
	fill_from_seed(data, *len, seed);
	return 0;
}

static int field_burst(const json_t *req, struct burst *b, struct failure *f)
{
	uint64_t region;

	if (field_uint(req, "region", UINT32_MAX, &region, f) ||
	    field_hex64(req, "offset", &b->offset, f) ||
	    (json_object_get(req, "step") && field_hex64(req, "step", &b->step, f)) ||
	    field_uint(req, "count", BURST_MAX, &b->count, f) ||
	    field_bool(req, "stopOnError", &b->stop_on_error, f))
		return -1;
	if (!b->count)
		return fail(f, "EINVAL", NULL, "the field 'count' must be at least 1");
	b->region = (uint32_t)region;
	return 0;
}

const char *run_attend(void *context)
{
	struct session *s = context;

	bool gone = s->attend && s->attend(s);

	/* Whoever asks to stop and ends the input at once is told of what was asked. */
	if (s->stop_asked)
		return "stop";
	return gone ? "input" : NULL;
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
	return json_pack("{s:I, s:o, s:s, s:s}", "index", (json_int_t)r->error_index, "offset",
			 hex64_json(r->error_offset), "code",
			 r->error ? errno_name(r->error) : "short", "message", message);
}

static json_t *latency_json(const struct histogram *h)
{
	json_t *pairs;
	unsigned int merged;

	if (!h->total)
		return json_null();
	pairs = histogram_pairs(h, &merged);
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:i, s:o}", "min", (json_int_t)h->min,
			 "p50", (json_int_t)histogram_percentile(h, 500), "p90",
			 (json_int_t)histogram_percentile(h, 900), "p99",
			 (json_int_t)histogram_percentile(h, 990), "p999",
			 (json_int_t)histogram_percentile(h, 999), "max", (json_int_t)h->max,
			 "merged", (int)merged, "buckets", pairs);
}

static json_t *result_json(const struct burst *b, const struct burst_result *r)
{
	double seconds = (double)r->duration_ns / 1e9;
	double rate = r->duration_ns ? (double)r->sent / seconds : 0;

	return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:o, s:o}", "ended", r->ended,
			 "requested", (json_int_t)b->count, "sent", (json_int_t)r->sent,
			 "succeeded", (json_int_t)r->succeeded, "failed", (json_int_t)r->failed,
			 "bytes", (json_int_t)r->bytes, "durationNs", (json_int_t)r->duration_ns,
			 "storesPerSecond", rate, "firstError", error_json(r), "latencyNs",
			 latency_json(&r->latency));
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
	if (!burst_run(dev, &b, run_attend, s, r, f))
		result = result_json(&b, r);
	s->running = -1;
	free(r);
	return result;
}

json_t *op_stop(struct session *s, const json_t *req, struct failure *f)
{
	uint64_t id;
	bool running;

	if (field_uint(req, "request", INT64_MAX, &id, f))
		return NULL;
	running = s->running >= 0 && (uint64_t)s->running == id;
	if (running)
		s->stop_asked = true;
	return json_pack("{s:b}", "stopped", running);
}
