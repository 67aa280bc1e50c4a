// SPDX-License-Identifier: MIT
/*
 * The operations of the protocol, one function each; protocol.md describes them. To add one: write
 * its function here, add a row to the table below, and its types to protocol/helper.ts.
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
	if (field_uint(req, "silence", SILENCE_MAX, &seconds, f))
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
		     "the kernel's events speak of %s, not of the tree that this helper was "
		     "started for; refresh the list instead",
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

static const struct operation operations[] = {
	{"hello", {NULL}, op_hello, false},
	{"ping", {"silence"}, op_ping, true},
	{"list", {NULL}, op_list, false},
	{"describe", {"address"}, op_describe, false},
	{"usage", {"address"}, op_usage, false},
	{"plan-bind", {"addresses", "driver"}, op_plan_bind, false},
	{"bind", {"address", "driver", "force", "plan"}, op_bind, false},
	{"plan-restore", {"functions"}, op_plan_restore, false},
	{"restore", {"address", "former", "plan"}, op_restore, false},
	{"watch", {NULL}, op_watch, false},
	{"unwatch", {NULL}, op_unwatch, false},
	{"open", {"address", "api"}, op_open, false},
	{"close", {"handle"}, op_close, false},
	{"regions", {"handle"}, op_regions, false},
	{"read", {"handle", "region", "offset", "length"}, op_read, false},
	{"store", {"handle", "region", "offset", "data"}, op_store, false},
	{"burst",
	 {"handle", "region", "offset", "step", "data", "size", "seed", "count", "stopOnError"},
	 op_burst,
	 false},
	{"script-load", {"first", "steps"}, op_script_load, false},
	{"script-run", {"handle", "steps"}, op_script_run, false},
	{"gid", {"handle"}, op_gid, false},
	{"dmb-register", {"handle", "size", "user"}, op_dmb_register, false},
	{"dmb-unregister", {"dmb"}, op_dmb_unregister, false},
	{"dmb-read", {"dmb", "offset", "length"}, op_dmb_read, true},
	{"dmb-store", {"dmb", "handle", "offset", "data", "waitMs"}, op_dmb_store, false},
	{"stop", {"request"}, op_stop, true},
	{"module", {"name"}, op_module, false},
	{"module-remove", {"name"}, op_module_remove, false},
	{"module-data", {"first", "data"}, op_module_data, false},
	{"module-insert", {"name", "sha256", "parameters"}, op_module_insert, false},
	{"kernel-log", {"from"}, op_kernel_log, false},
};

const struct operation *operation_find(const char *name)
{
	size_t i;

	for (i = 0; name && i < sizeof(operations) / sizeof(operations[0]); i++)
		if (!strcmp(operations[i].name, name))
			return &operations[i];
	return NULL;
}
