// SPDX-License-Identifier: MIT
#include "bind.h"

#include <string.h>

/* Undo a failed change; what cannot be undone is added to the failure's sentence. */
static void roll_back(const struct roots *roots, const char *address, const struct binding *former,
		      json_t *steps, struct failure *f)
{
	struct failure why;

	/* What the kernel is still at cannot be undone before it is done. */
	if (!json_array_size(steps) || !strcmp(f->code, "EINPROGRESS"))
		return;
	if (writes_carry_out(roots, address, former, steps, &why))
		fail_more(f, "; bringing back the former driver failed too: %.150s", why.message);
	else
		fail_more(f, "; the former state was brought back");
}

int plan_carry_out(const struct roots *roots, const struct plan *plan, bool force, json_t *steps,
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
