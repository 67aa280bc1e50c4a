// SPDX-License-Identifier: MIT
/*
 * The table of operations, and those that fit nowhere else. To add one: describe it in
 * protocol/helperDescription.ts, from which the table's rows come, and write its function.
 */
#include "operations/operations.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "vfio/functions.h"
#include "base/json_pairs.h"
#include "link/link.h"

#ifndef BUILD_ID
#define BUILD_ID "unknown"
#endif

static json_t *op_hello(struct session *s, const json_t *req, struct failure *f)
{
	json_t *drivers = json_array();
	struct utsname un;
	size_t i;

	(void)req;
	(void)f;
	uname(&un);
	for (i = 0; vfio_drivers[i].name; i++)
		json_array_append_new(drivers, json_string(vfio_drivers[i].name));
	return JSON_OBJECT(
		PAIR_NUMBER("protocol", PROTOCOL_VERSION), PAIR_TEXT("build", BUILD_ID),
		PAIR_TEXT("kernel", un.release), PAIR_TEXT("machine", un.machine),
		PAIR("drivers", drivers), PAIR_NUMBER("uid", geteuid()),
		PAIR("vfio",
		     JSON_OBJECT(PAIR_BOOL("cdev", node_exists(&s->roots, &node_iommufd)),
				 PAIR_BOOL("group", node_exists(&s->roots, &node_container)))));
}

static json_t *op_ping(struct session *s, const json_t *req, struct failure *f)
{
	uint64_t seconds;

	(void)s;
	if (field_uint(req, "silence", 0, SILENCE_MAX, &seconds, f))
		return NULL;
	if (seconds && seconds < SILENCE_MIN) {
		fail(f, "EINVAL", NULL, "the field 'silence' must be 0, or at least %d seconds",
		     SILENCE_MIN);
		return NULL;
	}
	link_set_silence((uint32_t)seconds);
	return JSON_OBJECT(PAIR_NUMBER("silence", seconds));
}

static json_t *op_list(struct session *s, const json_t *req, struct failure *f)
{
	json_t *addresses = functions_find(&s->roots, f);
	json_t *functions;
	json_t *address;
	size_t i;

	(void)req;
	if (!addresses)
		return NULL;
	functions = json_array();
	json_array_foreach (addresses, i, address) {
		const char *name = json_string_value(address);

		json_array_append_new(functions,
				      function_json(&s->roots, name,
						    session_devices_find(&s->open, name) != NULL));
	}
	json_decref(addresses);
	return JSON_OBJECT(PAIR("functions", functions));
}

static json_t *op_describe(struct session *s, const json_t *req, struct failure *f)
{
	const char *address;

	if (field_function(&s->roots, req, &address, f))
		return NULL;
	return function_describe(&s->roots, address,
				 session_devices_find(&s->open, address) != NULL);
}

static json_t *op_watch(struct session *s, const json_t *req, struct failure *f)
{
	(void)req;
	if (!roots_are_host(&s->roots)) {
		fail(f, "ENOTSUP", NULL,
		     "the kernel reports events of %s, but this helper was started for another "
		     "sysfs tree; refresh the list instead",
		     HOST_SYSFS);
		return NULL;
	}
	if (watch_start(&s->watch, f))
		return NULL;
	return JSON_OBJECT(PAIR_BOOL("watching", true));
}

static json_t *op_unwatch(struct session *s, const json_t *req, struct failure *f)
{
	(void)req;
	(void)f;
	watch_stop(&s->watch);
	return JSON_OBJECT(PAIR_BOOL("watching", false));
}

static const struct operation operations[] = {OPERATION_ROWS};

const struct operation *operation_find(const char *name)
{
	size_t i;

	for (i = 0; name && i < sizeof(operations) / sizeof(operations[0]); i++)
		if (!strcmp(operations[i].name, name))
			return &operations[i];
	return NULL;
}
