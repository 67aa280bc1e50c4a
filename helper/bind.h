/* SPDX-License-Identifier: MIT */
#ifndef ISM_BIND_H
#define ISM_BIND_H

#include <jansson.h>

#include "sysfs.h"

/* What a function was bound to; empty strings mean none. */
struct former {
	char driver[NAME_MAX + 1];
	char override[ATTR_MAX];
};

void former_read(const struct roots *roots, const char *address, struct former *former);

/*
 * Bind @address to @driver through driver_override and drivers_probe. A function that another
 * driver than a vfio one holds is in use: it is refused unless @force. On failure the former
 * state is brought back. @steps collects what was written. Returns 0, or -1 with @f.
 */
int bind_function(const struct roots *roots, const char *address, const char *driver, bool force,
		  json_t *steps, struct failure *f);

/* Bring back @former; refuses to take a function away from a driver that is not a vfio one. */
int restore_function(const struct roots *roots, const char *address, const struct former *former,
		     json_t *steps, struct failure *f);

#endif
