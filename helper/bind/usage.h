/* SPDX-License-Identifier: MIT */
#ifndef ISM_USAGE_H
#define ISM_USAGE_H

#include <jansson.h>

#include "vfio/vfio_users.h"
#include "kernel/smc.h"
#include "sysfs/sysfs.h"

/* Unknown use is never reported as free. */
enum use { USE_FREE, USE_BUSY, USE_UNKNOWN };

/* Who uses one function. */
struct usage {
	enum use smc;
	struct failure smc_why; /* of USE_UNKNOWN */
	uint32_t groups;
	long connections; /* now; -1: the kernel did not list them all */
	long lingering;	  /* link groups without a connection; -1 likewise */

	enum use vfio;
	struct failure vfio_why;
	bool here; /* this session has it open */
	struct vfio_users holders;
};

/*
 * Find out for @address; @view is what smc_query() said for a tree that is the host's own. Changes
 * nothing on the host, but may open the vfio group for a moment when no process is seen to have it.
 */
void usage_find(const struct roots *roots, const char *address, const struct smc_view *view,
		bool open_here, struct usage *usage);

/* smc_query(), or an unknown view for a tree that is not the running kernel's. */
void usage_query_smc(const struct roots *roots, struct smc_view *view, bool with_groups);

/* "python3 (pid 4711)" and so on, or "another process". */
void usage_vfio_users_text(const struct usage *usage, char *text, size_t size);

/* As protocol/helper.ts's Usage. */
json_t *usage_json(const char *address, const struct usage *usage);

#endif
