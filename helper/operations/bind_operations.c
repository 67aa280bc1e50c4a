// SPDX-License-Identifier: MIT
/* The operations on a function's driver: usage, plan-bind, bind, plan-restore, restore. */
#include "operations/operations.h"

#include <stdio.h>
#include <string.h>

#include "bind/bind.h"
#include "vfio/functions.h"
#include "base/json_pairs.h"
#include "sysfs/binding_lock.h"

json_t *op_usage(struct session *s, const json_t *req, struct failure *f)
{
	static struct smc_view view;
	struct usage usage;
	const char *address;

	if (field_function(&s->roots, req, &address, f))
		return NULL;
	usage_query_smc(&s->roots, &view, true);
	usage_find(&s->roots, address, &view, session_devices_find(&s->open, address) != NULL,
		   &usage);
	return usage_json(address, &usage);
}

/* The field 'driver', or the default driver. */
static int field_wanted(const json_t *req, const char **driver, struct failure *f)
{
	if (field_driver(req, "driver", driver, f))
		return -1;
	if (!*driver)
		*driver = vfio_drivers[0].name;
	return 0;
}

json_t *op_plan_bind(struct session *s, const json_t *req, struct failure *f)
{
	static struct smc_view view;
	const json_t *addresses = json_object_get(req, "addresses");
	size_t count = json_array_size(addresses);
	const char *driver;
	CLEANUP_JSON json_t *plans = NULL;
	json_t *item;
	size_t i;

	if (field_wanted(req, &driver, f))
		return NULL;
	if (!json_is_array(addresses) || !count || count > PLANS_MAX) {
		fail(f, "EINVAL", NULL,
		     "the field 'addresses' must be a list of 1 to %d PCI addresses", PLANS_MAX);
		return NULL;
	}
	usage_query_smc(&s->roots, &view, true);
	plans = json_array();
	json_array_foreach (addresses, i, item) {
		const char *address = json_string_value(item);
		static struct plan plan;

		if (!address || !is_address(address)) {
			fail(f, "EINVAL", NULL,
			     "the field 'addresses' must contain PCI addresses such as "
			     "0051:00:00.0");
			return NULL;
		}
		if (!sysfs_is_ism(&s->roots, address, f) ||
		    plan_bind(&plan, &s->roots, address, driver, &view,
			      session_devices_find(&s->open, address) != NULL, f))
			return NULL;
		json_array_append_new(plans, plan_json(&plan));
	}
	return JSON_OBJECT(PAIR("plans", json_take(&plans)));
}

/* The field 'plan', when there is one, must be the token of what would be done now. */
static int field_plan(const json_t *req, const struct plan *plan, struct failure *f)
{
	const json_t *field = json_object_get(req, "plan");
	const char *token = json_string_value(field);

	if (!field)
		return 0;
	if (!token)
		return fail(f, "EINVAL", NULL, "the field 'plan' must be the token of a plan");
	if (strcmp(token, plan->token))
		return fail(f, "plan-stale", NULL,
			    "%s has changed since the plan was made (it is now bound to %s); "
			    "nothing was written. Make a new plan.",
			    plan->address,
			    *plan->present.driver ? plan->present.driver : "nothing");
	return 0;
}

static json_t *binding_json(const struct binding *former)
{
	return JSON_OBJECT(PAIR_TEXT_OR_NULL("driver", former->driver),
			   PAIR_TEXT_OR_NULL("driverOverride", former->override));
}

/* The answer to bind and restore; takes over @steps. */
static json_t *bind_reply(struct session *s, const char *address, json_t *former, json_t *steps)
{
	char driver[NAME_MAX + 1];
	bool bound = !sysfs_link(&s->roots, address, "driver", driver);

	return JSON_OBJECT(PAIR_TEXT("address", address),
			   PAIR_TEXT_OR_NULL("driver", bound ? driver : NULL),
			   PAIR("former", json_incref(former)), PAIR("steps", steps));
}

json_t *op_bind(struct session *s, const json_t *req, struct failure *f)
{
	static struct smc_view view;
	static struct plan plan;
	struct binding_lock lock;
	const char *driver;
	const char *address;
	bool force = false;
	CLEANUP_JSON json_t *steps = NULL;
	CLEANUP_JSON json_t *former = NULL;
	int failed;

	if (field_function(&s->roots, req, &address, f) || field_wanted(req, &driver, f) ||
	    field_bool(req, "force", &force, f))
		return NULL;
	/* What is asked before the writes, who uses the function say, stays so until they are done.
	 */
	binding_lock_take(&lock, &s->roots, address);
	usage_query_smc(&s->roots, &view, true);
	if (plan_bind(&plan, &s->roots, address, driver, &view,
		      session_devices_find(&s->open, address) != NULL, f) ||
	    field_plan(req, &plan, f)) {
		binding_lock_release(&lock);
		return NULL;
	}
	steps = json_array();
	failed = plan_execute(&s->roots, &plan, force, &lock, steps, f);
	binding_lock_release(&lock);
	/*
	 * Binding twice must not forget what was there before the first time, nor must an unbind
	 * that is still in progress.
	 */
	if (json_array_size(steps) && (!failed || failure_is(f, "EINPROGRESS")) &&
	    !json_object_get(s->formers, address))
		json_object_set_new(s->formers, address, binding_json(&plan.present));
	if (failed)
		return NULL;
	former = json_incref(json_object_get(s->formers, address));
	if (!former)
		former = binding_json(&plan.present);
	return bind_reply(s, address, former, json_take(&steps));
}

/* The field 'former', or what this session's bind remembered, or "no driver". */
static int field_former(struct session *s, const json_t *req, const char *address,
			struct binding *former, struct failure *f)
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
	memset(former, 0, sizeof(*former));
	snprintf(former->driver, sizeof(former->driver), "%s", driver ? driver : "");
	snprintf(former->override, sizeof(former->override), "%s", override ? override : "");
	return 0;
}

json_t *op_plan_restore(struct session *s, const json_t *req, struct failure *f)
{
	static struct smc_view view;
	const json_t *functions = json_object_get(req, "functions");
	size_t count = json_array_size(functions);
	CLEANUP_JSON json_t *plans = NULL;
	json_t *item;
	size_t i;

	if (!json_is_array(functions) || !count || count > PLANS_MAX) {
		fail(f, "EINVAL", NULL,
		     "the field 'functions' must be a list of 1 to %d objects with address and "
		     "former",
		     PLANS_MAX);
		return NULL;
	}
	usage_query_smc(&s->roots, &view, true);
	plans = json_array();
	json_array_foreach (functions, i, item) {
		static struct plan plan;
		struct binding former;
		const char *address;

		if (field_function(&s->roots, item, &address, f) ||
		    field_former(s, item, address, &former, f) ||
		    plan_restore(&plan, &s->roots, address, &former, &view,
				 session_devices_find(&s->open, address) != NULL, f))
			return NULL;
		json_array_append_new(plans, plan_json(&plan));
	}
	return JSON_OBJECT(PAIR("plans", json_take(&plans)));
}

json_t *op_restore(struct session *s, const json_t *req, struct failure *f)
{
	static struct smc_view view;
	static struct plan plan;
	struct binding_lock lock;
	struct binding former;
	const char *address;
	CLEANUP_JSON json_t *steps = NULL;
	CLEANUP_JSON json_t *was = NULL;
	json_t *reply;
	int failed;

	if (field_function(&s->roots, req, &address, f) ||
	    field_former(s, req, address, &former, f))
		return NULL;
	binding_lock_take(&lock, &s->roots, address);
	usage_query_smc(&s->roots, &view, true);
	if (plan_restore(&plan, &s->roots, address, &former, &view,
			 session_devices_find(&s->open, address) != NULL, f) ||
	    field_plan(req, &plan, f)) {
		binding_lock_release(&lock);
		return NULL;
	}
	steps = json_array();
	failed = plan_execute(&s->roots, &plan, false, &lock, steps, f);
	binding_lock_release(&lock);
	if (failed)
		return NULL;
	was = binding_json(&former);
	reply = bind_reply(s, address, was, json_take(&steps));
	json_object_del(s->formers, address);
	return reply;
}
