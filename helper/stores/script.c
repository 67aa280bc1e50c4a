// SPDX-License-Identifier: MIT
/* What a script holds, and whether a device can take it. */
#include "stores/script.h"

#include <stdlib.h>
#include <string.h>

#include "vfio/access.h"

void script_clear(struct script *script)
{
	free(script->steps);
	free(script->bytes);
	memset(script, 0, sizeof(*script));
}

/* Copy @len bytes behind those that are there, at a multiple of 8 because the kernel reads words.
 */
static int script_append_bytes(struct script *script, const unsigned char *bytes, size_t len,
			       size_t *at, struct failure *f)
{
	size_t start = (script->used + 7) / 8 * 8;
	unsigned char *grown;

	if (start + len > SCRIPT_MAX_BYTES)
		return fail(f, "E2BIG", NULL, "a script may have at most %u bytes of data",
			    SCRIPT_MAX_BYTES);
	if (start + len > script->bytes_room) {
		grown = realloc(script->bytes, 2 * (start + len));
		if (!grown)
			return fail(f, "ENOMEM", NULL, "the helper is out of memory");
		script->bytes = grown;
		script->bytes_room = 2 * (start + len);
	}
	if (len)
		memcpy(script->bytes + start, bytes, len);
	script->used = start + len;
	*at = start;
	return 0;
}

int script_add(struct script *script, const struct script_step *step, const unsigned char *data,
	       const unsigned char *mask, struct failure *f)
{
	struct script_step added = *step;
	struct script_step *grown;

	if (script->count == SCRIPT_MAX_STEPS)
		return fail(f, "E2BIG", NULL, "a script may have at most %u steps",
			    SCRIPT_MAX_STEPS);
	if (script->count == script->room) {
		grown = realloc(script->steps, (script->room + 1) * 2 * sizeof(*grown));
		if (!grown)
			return fail(f, "ENOMEM", NULL, "the helper is out of memory");
		script->steps = grown;
		script->room = (script->room + 1) * 2;
	}
	if (data && script_append_bytes(script, data, step->len, &added.data, f))
		return -1;
	if (mask && script_append_bytes(script, mask, step->len, &added.mask, f))
		return -1;
	added.masked = mask != NULL;
	script->steps[script->count++] = added;
	return 0;
}

struct burst script_burst(const struct script *script, const struct script_step *step)
{
	return (struct burst){.region = step->region,
			      .offset = step->offset,
			      .step = step->step,
			      .count = step->count,
			      .data = script->bytes ? script->bytes + step->data : NULL,
			      .len = step->len,
			      .stop_on_error = true};
}

static int check_access(const struct script *script, struct script_step *step,
			struct vfio_device *dev, struct failure *f)
{
	struct burst burst = script_burst(script, step);

	switch (step->kind) {
	case SCRIPT_STORE:
		return store_target(dev, step->region, step->offset, step->len, &step->at, f);
	case SCRIPT_BURST:
		return burst_check(dev, &burst, &step->at, f);
	case SCRIPT_READ:
		return load_target(dev, step->region, step->offset, step->len, &step->at, f);
	default:
		return 0;
	}
}

int script_check(struct script *script, struct vfio_device *dev, size_t *at, struct failure *f)
{
	size_t open[SCRIPT_MAX_DEPTH];
	uint64_t times[SCRIPT_MAX_DEPTH + 1] = {1};
	uint64_t total = 0;
	size_t depth = 0;

	for (*at = 0; *at < script->count; (*at)++) {
		struct script_step *step = &script->steps[*at];

		if (step->kind == SCRIPT_END) {
			if (!depth)
				return fail(f, "EINVAL", NULL, "this 'end' has no 'repeat'");
			step->partner = open[--depth];
			script->steps[step->partner].partner = *at;
			continue;
		}
		if (step->kind == SCRIPT_REPEAT) {
			if (depth == SCRIPT_MAX_DEPTH)
				return fail(f, "EINVAL", NULL, "repeats are nested deeper than %d",
					    SCRIPT_MAX_DEPTH);
			open[depth++] = *at;
			/* Both are at most 10^7, so that the product is far from 2^64. */
			times[depth] = times[depth - 1] * step->count;
			if (times[depth] > SCRIPT_MAX_TOTAL)
				return fail(f, "E2BIG", NULL, "more than %u steps in all",
					    SCRIPT_MAX_TOTAL);
			continue;
		}
		total += times[depth] * (step->kind == SCRIPT_BURST ? step->count : 1);
		if (total > SCRIPT_MAX_TOTAL)
			return fail(f, "E2BIG", NULL, "more than %u steps in all",
				    SCRIPT_MAX_TOTAL);
		if (check_access(script, step, dev, f))
			return -1;
	}
	*at = depth ? open[depth - 1] : 0;
	return depth ? fail(f, "EINVAL", NULL, "this 'repeat' has no 'end'") : 0;
}
