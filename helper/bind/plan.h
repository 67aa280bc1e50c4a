/* SPDX-License-Identifier: MIT */
#ifndef ISM_PLAN_H
#define ISM_PLAN_H

#include <jansson.h>

#include "bind/usage.h"
#include "sysfs/sysfs_changes.h"

enum warning_level {
	WARN_NOTE,   /* worth knowing */
	WARN_FORCE,  /* refused unless it is forced */
	WARN_REFUSE, /* cannot be done as things are */
};

struct warning {
	enum warning_level level;
	struct failure why; /* the failure of a refusal */
};

#define WARNINGS_MAX 8

/* What binding one function to a driver, or bringing back its former one, would do. */
struct plan {
	const char *address;
	struct binding present;
	struct binding wanted;
	struct sysfs_changes writes;
	struct sysfs_changes rollback; /* what undoes all of @writes */
	struct usage usage;
	size_t warning_count;
	struct warning warnings[WARNINGS_MAX];
	char token[17]; /* changes with the function's state and with what would be written */
};

/*
 * Make the plan that binds @address to @driver; writes nothing. @view and @open_here are as for
 * usage_find(). Returns 0, or -1 with @f.
 */
int plan_bind(struct plan *plan, const struct roots *roots, const char *address, const char *driver,
	      const struct smc_view *view, bool open_here, struct failure *f);

/*
 * The same for bringing back @former, override included. What a driver has that is not a vfio one
 * is not taken from it.
 */
int plan_restore(struct plan *plan, const struct roots *roots, const char *address,
		 const struct binding *former, const struct smc_view *view, bool open_here,
		 struct failure *f);

/* The gravest warning of at least @level, or NULL. */
const struct warning *plan_objection(const struct plan *plan, enum warning_level level);

/* As protocol/helper.ts's PlannedBind. */
json_t *plan_json(const struct plan *plan);

#endif
