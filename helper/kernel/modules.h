/* SPDX-License-Identifier: MIT */
#ifndef ISM_MODULES_H
#define ISM_MODULES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/protocol_limits.h"
#include "sysfs/sysfs.h"

/* A module's file as requests bring it, piece by piece. */
struct module_image {
	unsigned char *data;
	size_t len;
};

/* Whether @name is one that the kernel gives a module: letters, digits and underscores. */
bool is_module_name(const char *name);

/*
 * The state of @name in /sys/module: whether it is loaded or built in, its references, its holders,
 * its PCI drivers and the functions that are bound to them. Never NULL.
 */
json_t *module_json(const struct roots *roots, const char *name);

/*
 * Remove an unused module. Refused while a function is bound to a driver of it: the kernel would
 * unbind the function, and wait for the programs that have it open. Returns 0 or -1 with @f.
 */
int module_remove(const struct roots *roots, const char *name, struct failure *f);

/* Add @len bytes behind those that @image has; returns 0 or -1 with @f. */
int module_image_add(struct module_image *image, const unsigned char *data, size_t len,
		     struct failure *f);
void module_image_clear(struct module_image *image);

/*
 * Load @image, when its SHA-256 is @sha256. The very bytes that were summed are given to the kernel
 * (init_module), so that nothing can be exchanged in between. Returns 0 or -1 with @f.
 */
int module_insert(const struct module_image *image, const char *sha256, const char *parameters,
		  struct failure *f);

/* Modules are the kernel's, not those of another tree: 0, or -1 with @f. */
int modules_available(const struct roots *roots, struct failure *f);

#endif
