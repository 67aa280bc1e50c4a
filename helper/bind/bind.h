/* SPDX-License-Identifier: MIT */
#ifndef ISM_BIND_H
#define ISM_BIND_H

#include <jansson.h>

#include "sysfs/binding_lock.h"
#include "bind/plan.h"

/*
 * Carry out @plan. A warning of WARN_REFUSE always stops it, one of WARN_FORCE unless @force, and
 * it needs @lock, which was held when the plan was made. A failure is rolled back unless another
 * program has changed the function. @steps collects what was written. Returns 0, or -1 with @f.
 */
int plan_execute(const struct roots *roots, const struct plan *plan, bool force,
		 const struct binding_lock *lock, json_t *steps, struct failure *f);

#endif
