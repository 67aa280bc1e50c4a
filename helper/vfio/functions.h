/* SPDX-License-Identifier: MIT */
#ifndef ISM_FUNCTIONS_H
#define ISM_FUNCTIONS_H

#include <jansson.h>

#include "sysfs/node.h"
#include "sysfs/sysfs.h"

/* The vfio files of a function, and whether this process may use them. */
struct vfio_nodes {
	struct node cdev;  /* vfio/devices/vfioN; its name is empty when there is none */
	struct node group; /* vfio/N, likewise */
	bool cdev_usable;  /* with what else it takes: the iommufd, the container */
	bool group_usable;
};

void vfio_nodes_find(const struct roots *roots, const char *address, struct vfio_nodes *nodes);

/*
 * Whether opening goes through the device file: where this process may use it, and where there is
 * nothing else. A user without rights should hear about the group: that is one file, not two.
 */
bool vfio_uses_cdev(const struct vfio_nodes *nodes);

/* The file that opening needs besides the function's own: the iommufd, or the container. */
const struct node *vfio_companion(const struct vfio_nodes *nodes);

/* A driver that a function can be bound to, and the module that has it. */
struct vfio_driver {
	const char *name; /* as sysfs has it */
	const char *module;
};

/* The drivers on offer, the default one first; ends with a NULL name. */
extern const struct vfio_driver vfio_drivers[];

/* The module of one of them, or NULL. */
const char *vfio_driver_module(const char *driver);

/* Whether @driver gives access through vfio. */
bool is_vfio_driver(const char *driver);

/* One function as protocol/helper.ts's IsmFunction; @is_open: this session holds it open. */
json_t *function_json(const struct roots *roots, const char *address, bool is_open);

/* Class, revision, BARs and util string of a function, as protocol/helper.ts's Description. */
json_t *function_describe(const struct roots *roots, const char *address, bool is_open);

/* All addresses of ISM functions in order, as a JSON array of strings; NULL and @f on failure. */
json_t *functions_find(const struct roots *roots, struct failure *f);

#endif
