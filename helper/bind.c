// SPDX-License-Identifier: MIT
#include "bind.h"

#include <stdio.h>
#include <string.h>

#include "functions.h"

/* Undo a failed change; what cannot be undone is added to the failure's sentence. */
static void roll_back(const struct roots *roots, const char *address, const struct binding *former,
		      json_t *steps, struct failure *f)
{
	struct failure why;
	size_t used = strlen(f->message);

	/* What the kernel is still at cannot be undone before it is done. */
	if (!json_array_size(steps) || !strcmp(f->code, "EINPROGRESS"))
		return;
	if (writes_carry_out(roots, address, former, steps, &why))
		snprintf(f->message + used, sizeof(f->message) - used,
			 "; bringing back the former driver failed too: %.150s", why.message);
	else
		snprintf(f->message + used, sizeof(f->message) - used,
			 "; the former state was brought back");
}

int bind_function(const struct roots *roots, const struct plan *plan, bool force, json_t *steps,
		  struct failure *f)
{
	const struct warning *objection = plan_objection(plan, force ? WARN_REFUSE : WARN_FORCE);

	if (objection) {
		*f = objection->why;
		return -1;
	}
	if (!plan->writes.count)
		return 0;
	if (!writes_carry_out(roots, plan->address, &plan->wanted, steps, f))
		return 0;
	roll_back(roots, plan->address, &plan->present, steps, f);
	return -1;
}

int restore_function(const struct roots *roots, const char *address, const struct binding *former,
		     json_t *steps, struct failure *f)
{
	static struct smc_view none; /* a function that vfio has is none of SMC's */
	struct binding before;
	struct usage usage;
	char holders[200];

	binding_read(roots, address, &before);
	if (binding_same(&before, former))
		return 0;
	if (*before.driver && strcmp(before.driver, former->driver)) {
		if (!is_vfio_driver(before.driver))
			return fail(f, "in-use", NULL,
				    "%s is driven by %s now, which is not a vfio driver; nothing "
				    "was changed",
				    address, before.driver);
		usage_find(roots, address, &none, false, &usage);
		usage_holders_text(&usage, holders, sizeof(holders));
		if (usage.vfio == USE_BUSY)
			return fail(f, "EBUSY", NULL,
				    "%s is open in another process, and unbinding would wait for "
				    "it; close it there and try again: %s",
				    address, holders);
		if (usage.vfio == USE_UNKNOWN) {
			*f = usage.vfio_why;
			return -1;
		}
	}
	if (!writes_carry_out(roots, address, former, steps, f))
		return 0;
	roll_back(roots, address, &before, steps, f);
	return -1;
}
