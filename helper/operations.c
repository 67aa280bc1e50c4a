// SPDX-License-Identifier: MIT
/*
 * The operations of the protocol, one function each; protocol.md describes them. To add one: write
 * its function here, add a row to the table below, and its types to protocol/helper.ts.
 */
#include "operations.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "functions.h"

#ifndef BUILD_ID
#define BUILD_ID "unknown"
#endif

struct vfio_device *find_open(struct session *s, const char *address)
{
	size_t i;

	for (i = 0; i < MAX_DEVICES; i++)
		if (s->devices[i].used && !strcmp(s->devices[i].address, address))
			return &s->devices[i];
	return NULL;
}

int field_function(struct session *s, const json_t *req, const char **address, struct failure *f)
{
	return field_address(req, address, f) || !sysfs_is_ism(&s->roots, *address, f) ? -1 : 0;
}

static bool exists(const char *root, const char *leaf)
{
	char path[PATH_MAX];

	return snprintf(path, sizeof(path), "%s/%s", root, leaf) < (int)sizeof(path) &&
	       !access(path, F_OK);
}

static json_t *op_hello(struct session *s, const json_t *req, struct failure *f)
{
	struct utsname un;

	(void)req;
	(void)f;
	uname(&un);
	return json_pack("{s:i, s:s, s:s, s:s, s:I, s:{s:b, s:b}}", "protocol", PROTOCOL_VERSION,
			 "build", BUILD_ID, "kernel", un.release, "machine", un.machine, "uid",
			 (json_int_t)geteuid(), "vfio", "cdev", exists(s->roots.dev, "iommu"),
			 "group", exists(s->roots.dev, "vfio/vfio"));
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
				      function_json(&s->roots, name, find_open(s, name) != NULL));
	}
	json_decref(addresses);
	return json_pack("{s:o}", "functions", functions);
}

static json_t *op_describe(struct session *s, const json_t *req, struct failure *f)
{
	const char *address;

	if (field_function(s, req, &address, f))
		return NULL;
	return function_describe(&s->roots, address, find_open(s, address) != NULL);
}

static json_t *former_json(const struct former *former)
{
	return json_pack("{s:s?, s:s?}", "driver", *former->driver ? former->driver : NULL,
			 "driverOverride", *former->override ? former->override : NULL);
}

/* What bind and restore answer; takes over @steps. */
static json_t *bind_reply(struct session *s, const char *address, json_t *former, json_t *steps)
{
	char driver[NAME_MAX + 1];
	bool bound = !sysfs_link(&s->roots, address, "driver", driver);

	return json_pack("{s:s, s:s?, s:O, s:o}", "address", address, "driver",
			 bound ? driver : NULL, "former", former, "steps", steps);
}

static json_t *op_bind(struct session *s, const json_t *req, struct failure *f)
{
	const char *driver = NULL;
	const char *address;
	struct former former;
	bool force = false;
	json_t *steps;

	if (field_function(s, req, &address, f) || field_driver(req, "driver", &driver, f) ||
	    field_bool(req, "force", &force, f))
		return NULL;
	if (find_open(s, address)) {
		fail(f, "EBUSY", NULL, "%s is open in this session; close it first", address);
		return NULL;
	}
	former_read(&s->roots, address, &former);
	steps = json_array();
	if (bind_function(&s->roots, address, driver ? driver : "ism_vfio_pci", force, steps, f)) {
		json_decref(steps);
		return NULL;
	}
	/* Binding twice must not forget what was there before the first time. */
	if (json_array_size(steps) && !json_object_get(s->formers, address))
		json_object_set_new(s->formers, address, former_json(&former));
	if (!json_object_get(s->formers, address)) {
		json_t *now = former_json(&former);
		json_t *reply = bind_reply(s, address, now, steps);

		json_decref(now);
		return reply;
	}
	return bind_reply(s, address, json_object_get(s->formers, address), steps);
}

/* The field 'former', or what this session's bind remembered, or "no driver". */
static int field_former(struct session *s, const json_t *req, const char *address,
			struct former *former, struct failure *f)
{
	const json_t *given = json_object_get(req, "former");
	const char *driver = NULL;
	const char *override = NULL;

	if (given && !json_is_object(given))
		return fail(f, "EINVAL", NULL,
			    "the field 'former' must be an object with driver and driverOverride");
	if (!given)
		given = json_object_get(s->formers, address);
	if (given && (field_driver(given, "driver", &driver, f) ||
		      field_driver(given, "driverOverride", &override, f)))
		return -1;
	snprintf(former->driver, sizeof(former->driver), "%s", driver ? driver : "");
	snprintf(former->override, sizeof(former->override), "%s", override ? override : "");
	return 0;
}

static json_t *op_restore(struct session *s, const json_t *req, struct failure *f)
{
	struct former former;
	const char *address;
	json_t *steps;
	json_t *reply;
	json_t *was;

	if (field_function(s, req, &address, f) || field_former(s, req, address, &former, f))
		return NULL;
	if (find_open(s, address)) {
		fail(f, "EBUSY", NULL, "%s is open in this session; close it first", address);
		return NULL;
	}
	steps = json_array();
	if (restore_function(&s->roots, address, &former, steps, f)) {
		json_decref(steps);
		return NULL;
	}
	was = former_json(&former);
	reply = bind_reply(s, address, was, steps);
	json_decref(was);
	json_object_del(s->formers, address);
	return reply;
}

static const struct operation operations[] = {
	{"hello", {NULL}, op_hello},
	{"list", {NULL}, op_list},
	{"describe", {"address"}, op_describe},
	{"bind", {"address", "driver", "force"}, op_bind},
	{"restore", {"address", "former"}, op_restore},
	{"open", {"address", "api"}, op_open},
	{"close", {"handle"}, op_close},
	{"regions", {"handle"}, op_regions},
	{"read", {"handle", "region", "offset", "length"}, op_read},
	{"store", {"handle", "region", "offset", "data"}, op_store},
};

const struct operation *operation_find(const char *name)
{
	size_t i;

	for (i = 0; name && i < sizeof(operations) / sizeof(operations[0]); i++)
		if (!strcmp(operations[i].name, name))
			return &operations[i];
	return NULL;
}
