// SPDX-License-Identifier: MIT
/* Scripts: loading their steps, of which one line of the protocol holds only some, and running. */
#include "operations/operations.h"
#include "operations/operation_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_pairs.h"
#include "vfio/access.h"

/* The value of 'do' for each kind of step, and its fields. */
static const struct form {
	const char *name;
	enum script_kind kind;
	const char *fields[MAX_STEP_FIELDS];
} forms[] = {SCRIPT_STEP_ROWS};

static const struct form *form_of(const json_t *o, struct failure *f)
{
	const char *name = json_string_value(json_object_get(o, "do"));
	size_t i;

	for (i = 0; name && i < sizeof(forms) / sizeof(forms[0]); i++)
		if (!strcmp(forms[i].name, name))
			return fields_known(o, forms[i].fields, f) ? NULL : &forms[i];
	fail(f, "EINVAL", NULL,
	     "the field 'do' must be store, burst, read, expect, sleep, repeat or end");
	return NULL;
}

/* The name of an error that is expected: of the kernel's, or "short". */
static int field_error(const json_t *o, char *error, size_t room, struct failure *f)
{
	const json_t *v = json_object_get(o, "error");
	const char *name = json_string_value(v);
	size_t len = json_string_length(v);

	if (!v)
		return 0;
	if (!name || !len || len >= room ||
	    strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789short") != len)
		return fail(f, "EINVAL", NULL,
			    "the field 'error' must be an errno's name or \"short\"");
	memcpy(error, name, len + 1);
	return 0;
}

/* The fields of an access: where, and which failure is expected. */
static int field_place(const json_t *o, struct script_step *step, struct failure *f)
{
	uint64_t region;

	if (field_uint(o, "region", 0, UINT32_MAX, &region, f) ||
	    field_hex64(o, "offset", &step->offset, f) ||
	    field_error(o, step->error, sizeof(step->error), f))
		return -1;
	step->region = (uint32_t)region;
	return 0;
}

/* What differs by kind; data and mask are read by add_step(). */
static int field_step(const json_t *o, struct script_step *step, struct failure *f)
{
	uint64_t length;

	switch (step->kind) {
	case SCRIPT_STORE:
		return field_place(o, step, f);
	case SCRIPT_BURST:
		return field_place(o, step, f) ||
				       field_uint(o, "count", 1, BURST_MAX, &step->count, f) ||
				       (json_object_get(o, "step") &&
					field_hex64(o, "step", &step->step, f))
			       ? -1
			       : 0;
	case SCRIPT_READ:
		if (field_place(o, step, f) || field_uint(o, "length", 1, READ_MAX, &length, f))
			return -1;
		step->len = (size_t)length;
		return 0;
	case SCRIPT_EXPECT:
		return json_object_get(o, "at") ? field_uint(o, "at", 0, READ_MAX, &step->offset, f)
						: 0;
	case SCRIPT_SLEEP:
		return field_uint(o, "ns", 0, SCRIPT_MAX_SLEEP_NS, &step->count, f);
	case SCRIPT_REPEAT:
		return field_uint(o, "count", 1, BURST_MAX, &step->count, f);
	case SCRIPT_END:
		return 0;
	}
	return -1;
}

static int add_step(struct script *script, const json_t *o, struct failure *f)
{
	const struct form *form = form_of(o, f);
	struct script_step step = {0};
	unsigned char data[STORE_BLOCK];
	unsigned char mask[STORE_BLOCK];
	const unsigned char *masked = NULL;
	size_t len;

	if (!form)
		return -1;
	step.kind = form->kind;
	if (field_step(o, &step, f))
		return -1;
	if (step.kind != SCRIPT_STORE && step.kind != SCRIPT_BURST && step.kind != SCRIPT_EXPECT)
		return script_add(script, &step, NULL, NULL, f);
	if (field_data(o, "data", data, sizeof(data), &step.len, f))
		return -1;
	if (json_object_get(o, "mask")) {
		if (field_data(o, "mask", mask, sizeof(mask), &len, f))
			return -1;
		if (len != step.len)
			return fail(f, "EINVAL", NULL,
				    "the field 'mask' must be as long as the field 'data'");
		masked = mask;
	}
	return script_add(script, &step, data, masked, f);
}

json_t *op_script_load(struct session *s, const json_t *req, struct failure *f)
{
	json_t *steps = json_object_get(req, "steps");
	struct failure why = {0};
	uint64_t first;
	json_t *step;
	size_t i;

	if (field_uint(req, "first", 0, SCRIPT_MAX_STEPS, &first, f))
		return NULL;
	if (!json_is_array(steps)) {
		fail(f, "EINVAL", NULL, "the field 'steps' must be a list of steps");
		return NULL;
	}
	if (!first)
		script_clear(&s->script);
	if (first != s->script.count) {
		fail(f, "EINVAL", NULL,
		     "%zu steps are loaded, so the field 'first' must be that number",
		     s->script.count);
		return NULL;
	}
	json_array_foreach (steps, i, step) {
		if (add_step(&s->script, step, &why)) {
			fail(f, why.code, why.rule, "step %zu: %s", s->script.count, why.message);
			/* Half of a script is never run. */
			script_clear(&s->script);
			return NULL;
		}
	}
	return JSON_OBJECT(PAIR_NUMBER("loaded", s->script.count));
}

static json_t *place_json(const struct script_result *r)
{
	json_t *rounds;
	size_t i;

	if (r->ended == RUN_DONE)
		return json_null();
	rounds = json_array();
	for (i = 0; i < r->depth; i++)
		json_array_append_new(rounds, json_integer((json_int_t)r->rounds[i]));
	return JSON_OBJECT(PAIR_NUMBER("step", r->at), PAIR("rounds", rounds),
			   PAIR_NUMBER("sent", r->at_sent));
}

static json_t *failure_json(const struct script_result *r)
{
	json_t *why;

	if (!*r->failure.code)
		return json_null();
	why = JSON_OBJECT(PAIR_TEXT("code", r->failure.code),
			  PAIR_TEXT("message", r->failure.message));
	if (why && *r->failure.rule)
		json_object_set_new(why, "rule", json_string(r->failure.rule));
	if (why && r->has_actual)
		json_object_set_new(why, "actual", data_json(r->actual, r->actual_len));
	return why;
}

static json_t *result_json(const struct script_result *r)
{
	return JSON_OBJECT(PAIR_TEXT("ended", run_end_name(r->ended)),
			   PAIR_NUMBER("steps", r->steps), PAIR_NUMBER("reads", r->reads),
			   PAIR_NUMBER("sent", r->sent), PAIR_NUMBER("succeeded", r->succeeded),
			   PAIR_NUMBER("failed", r->failed), PAIR_NUMBER("bytes", r->bytes),
			   PAIR_NUMBER("durationNs", r->duration_ns), PAIR("at", place_json(r)),
			   PAIR("failure", failure_json(r)));
}

json_t *op_script_run(struct session *s, const json_t *req, struct failure *f)
{
	struct vfio_device *dev = field_handle(&s->open, req, f);
	struct script_result *r;
	json_t *result = NULL;
	uint64_t steps;

	if (!dev || field_uint(req, "steps", 0, SCRIPT_MAX_STEPS, &steps, f))
		return NULL;
	/* The client names the number of steps, so that no partial script runs. */
	if (!steps || steps != s->script.count) {
		fail(f, "EINVAL", NULL,
		     "%zu steps are loaded; the field 'steps' must be that number, and at least 1",
		     s->script.count);
		return NULL;
	}
	r = malloc(sizeof(*r));
	if (!r)
		return NULL;
	s->running = json_integer_value(json_object_get(req, "id"));
	s->stop_asked = false;
	if (!script_run(&s->script, dev, attend_run, s, r))
		result = result_json(r);
	s->running = -1;
	free(r);
	return result;
}
