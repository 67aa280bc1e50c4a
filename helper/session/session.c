// SPDX-License-Identifier: MIT
/* From a line to a reply: parse, look the operation up, run it. */
#include "session/session.h"

#include <string.h>
#include <unistd.h>

#include "operations/dmb_operations.h"
#include "operations/operations.h"
#include "sysfs/sysfs.h"

void session_init(struct session *s, const struct roots *roots)
{
	memset(s, 0, sizeof(*s));
	s->roots = *roots;
	watch_init(&s->watch);
	s->formers = json_object();
	s->running = -1;
}

void session_end(struct session *s)
{
	struct failure ignored;
	size_t i;

	alarm(SESSION_END_SECONDS);
	/* Buffers of all functions first, so that none is told that its user has gone. */
	for (i = 0; i < MAX_DEVICES; i++)
		dmb_end(s, i, &ignored);
	for (i = 0; i < MAX_DEVICES; i++)
		if (s->devices[i].used)
			vfio_close(&s->devices[i]);
	watch_stop(&s->watch);
	script_clear(&s->script);
	module_image_clear(&s->image);
	json_decref(s->formers);
}

static char *dump(json_t *reply)
{
	char *text = reply ? json_dumps(reply, JSON_COMPACT) : NULL;

	json_decref(reply);
	return text;
}

static char *dump_failure(json_t *id, const struct failure *f)
{
	json_t *error = json_pack("{s:s, s:s}", "code", f->code, "message", f->message);

	if (error && *f->rule)
		json_object_set_new(error, "rule", json_string(f->rule));
	return dump(json_pack("{s:O, s:o}", "id", id, "error", error));
}

char *session_refuse(const char *code, const char *message)
{
	struct failure f;
	json_t *id = json_null();

	fail(&f, code, NULL, "%s", message);
	return dump_failure(id, &f);
}

/* Whether an operation may be carried out while a burst or script runs: it reaches no device. */
static bool fits_between_stores(const struct operation *operation)
{
	return operation->run == op_stop || operation->run == op_dmb_read ||
	       operation->run == op_ping;
}

char *session_answer(struct session *s, const char *line, size_t len)
{
	const struct operation *operation;
	struct failure f = {0};
	json_error_t where;
	json_t *result = NULL;
	json_t *req = json_loadb(line, len, JSON_REJECT_DUPLICATES, &where);
	json_t *id = json_object_get(req, "id");
	char *text;

	if (!json_is_object(req)) {
		fail(&f, "EPROTO", NULL, "the line is not a JSON object (%.100s)",
		     req ? "another kind of value" : where.text);
	} else if (!json_is_integer(id) || json_integer_value(id) < 0) {
		id = NULL;
		fail(&f, "EPROTO", NULL, "the field 'id' must be a whole number from 0");
	} else {
		operation = operation_find(json_string_value(json_object_get(req, "op")));
		if (!operation)
			fail(&f, "EOPNOTSUPP", NULL,
			     "this helper does not know the operation that was asked for");
		else if (s->running >= 0 && !fits_between_stores(operation))
			fail(&f, "running", NULL,
			     "a burst or script is running; wait for its answer or stop it first");
		else if (!fields_known(req, operation->fields, &f)) {
			result = operation->run(s, req, &f);
			if (!result && !*f.code)
				fail(&f, "ENOMEM", NULL, "the helper has no memory left");
			sysfs_read_end();
		}
	}
	if (result)
		text = dump(json_pack("{s:O, s:o}", "id", id, "result", result));
	else
		text = dump_failure(id ? id : json_null(), &f);
	json_decref(req);
	return text;
}
