/* SPDX-License-Identifier: MIT */
#ifndef ISM_BIND_H
#define ISM_BIND_H

#include <jansson.h>

#include "sysfs/binding_lock.h"
#include "bind/plan.h"

/*
 * Carry out @plan. What it warns of is refused: what could be forced only unless @force, what
 * cannot be done always; and everything is refused without @lock, under which the plan was made. On
 * failure the former state is brought back, as far as nobody else has changed it. @steps collects
 * what was written. Returns 0, or -1 with @f.
 */
int plan_execute(const struct roots *roots, const struct plan *plan, bool force,
		 const struct binding_lock *lock, json_t *steps, struct failure *f);

#endif
