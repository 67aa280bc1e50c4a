/* SPDX-License-Identifier: MIT */
#ifndef ISM_SYSFS_CHANGES_H
#define ISM_SYSFS_CHANGES_H

#include <jansson.h>

#include "sysfs/sysfs.h"

/* What a function is bound to, and by which override; empty strings mean none. */
struct binding {
	char driver[NAME_MAX + 1];
	char override[ATTR_MAX];
	bool unread; /* the kernel did not return the override in time */
};

void binding_read(const struct roots *roots, const char *address, struct binding *binding);
bool binding_same(const struct binding *a, const struct binding *b);

/* One write to sysfs. */
struct sysfs_change {
	char path[PATH_MAX];	  /* for messages */
	char name[NAME_MAX + 64]; /* what is opened: below the function, or below sysfs */
	bool of_function;
	bool is_probe;	     /* it makes the kernel look for a driver */
	char text[ATTR_MAX]; /* empty: a lone newline is written, which clears an override */
	char what[128];	     /* for the log: "unbind from ism" */
};

/* An override, an unbind, a probe: no change of driver needs more. */
#define SYSFS_CHANGES_MAX 3

struct sysfs_changes {
	size_t count;
	struct sysfs_change list[SYSFS_CHANGES_MAX];
};

/*
 * The writes that take @address from one binding to another, in order. Plans and
 * their execution both use it. Returns 0, or -1 with @f when a path is too long.
 */
int sysfs_changes_between(const struct roots *roots, const char *address,
			  const struct binding *from, const struct binding *to,
			  struct sysfs_changes *writes, struct failure *f);

/*
 * Make the writes that take @address from its present binding to @to, and check the result. @lock
 * is that of binding_lock(), which a write that the kernel does not finish keeps. @steps collects
 * what was written. Returns 0, or -1 with @f.
 */
int sysfs_changes_apply(const struct roots *roots, const char *address, const struct binding *to,
			int lock, json_t *steps, struct failure *f);

/* As protocol/helper.ts's list of SysfsWrite. */
json_t *sysfs_changes_json(const struct sysfs_changes *writes);

#endif
