// SPDX-License-Identifier: MIT
/* From a line to a reply: parse, look the operation up, run it. */
#include "operations/answer.h"

#include <string.h>

#include "kernel/caller.h"
#include "operations/operations.h"
#include "base/json_pairs.h"
#include "sysfs/sysfs.h"

static char *json_to_text(json_t *reply)
{
	char *text = reply ? json_dumps(reply, JSON_COMPACT) : NULL;

	json_decref(reply);
	return text;
}

static char *failure_to_text(json_t *id, const struct failure *f)
{
	json_t *error = JSON_OBJECT(PAIR_TEXT("code", f->code), PAIR_TEXT("message", f->message));

	if (error && *f->rule)
		json_object_set_new(error, "rule", json_string(f->rule));
	return json_to_text(JSON_OBJECT(PAIR("id", json_incref(id)), PAIR("error", error)));
}

char *answer_unreadable(const char *code, const char *message)
{
	struct failure f;
	json_t *id = json_null();

	fail(&f, code, NULL, "%s", message);
	return failure_to_text(id, &f);
}

char *answer_request(struct session *s, const char *line, size_t len)
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
		     req ? "it is another JSON value" : where.text);
	} else if (!json_is_integer(id) || json_integer_value(id) < 0) {
		id = NULL;
		fail(&f, "EPROTO", NULL, "the field 'id' must be a whole number from 0");
	} else {
		operation = operation_find(json_string_value(json_object_get(req, "op")));
		if (!operation)
			fail(&f, "EOPNOTSUPP", NULL, "this helper does not know this operation");
		else if (s->running >= 0 && !(operation->flags & OP_WHILE_RUNNING))
			fail(&f, "running", NULL,
			     "a burst or script is running; wait for its answer or stop it first");
		else if (!fields_known(req, operation->fields, &f) &&
			 !(operation->flags & OP_NEEDS_ROOT && roots_are_host(&s->roots) &&
			   root_required(&f))) {
			result = operation->run(s, req, &f);
			if (!result && !*f.code)
				fail(&f, "ENOMEM", NULL, "the helper is out of memory");
			sysfs_read_end();
		}
	}
	if (result)
		text = json_to_text(
			JSON_OBJECT(PAIR("id", json_incref(id)), PAIR("result", result)));
	else
		text = failure_to_text(id ? id : json_null(), &f);
	json_decref(req);
	return text;
}
