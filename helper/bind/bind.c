// SPDX-License-Identifier: MIT
#include "bind/bind.h"

#include <string.h>

/*
 * Whether @now can be the result of this change, so that it may be undone. Another program, which
 * does not know our lock, may have bound the function since and use it.
 */
static bool is_ours(const struct binding *now, const struct plan *plan, struct failure *f)
{
	bool override_is_ours = !strcmp(now->override, plan->wanted.override) ||
				!strcmp(now->override, plan->present.override);
	bool driver_is_ours = !*now->driver || !strcmp(now->driver, plan->present.driver);

	if (override_is_ours && driver_is_ours && !now->unread)
		return true;
	fail_more(f,
		  "; not rolled back: another program has changed the function since (driver "
		  "%.64s, override %.64s)",
		  *now->driver ? now->driver : "none", *now->override ? now->override : "none");
	return false;
}

/* Undo a failed change and append the result to the message. */
static void roll_back(const struct roots *roots, const struct plan *plan, int lock, json_t *steps,
		      struct failure *f)
{
	struct binding now;
	struct failure why;

	/* A write in progress cannot be undone before it has finished. */
	if (!json_array_size(steps) || failure_is(f, "EINPROGRESS"))
		return;
	binding_read(roots, plan->address, &now);
	if (!is_ours(&now, plan, f))
		return;
	if (sysfs_changes_apply(roots, plan->address, &plan->present, lock, steps, &why))
		fail_more(f, "; restoring the former driver failed too: %.150s", why.message);
	else
		fail_more(f, "; the former driver was restored");
}

int plan_execute(const struct roots *roots, const struct plan *plan, bool force,
		 const struct binding_lock *lock, json_t *steps, struct failure *f)
{
	const struct warning *objection = plan_objection(plan, force ? WARN_REFUSE : WARN_FORCE);

	if (objection) {
		*f = objection->why;
		return -1;
	}
	if (!plan->writes.count)
		return 0;
	if (lock->fd < 0) {
		*f = lock->why;
		return -1;
	}
	if (!sysfs_changes_apply(roots, plan->address, &plan->wanted, lock->fd, steps, f))
		return 0;
	roll_back(roots, plan, lock->fd, steps, f);
	return -1;
}
