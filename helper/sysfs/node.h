/* SPDX-License-Identifier: MIT */
#ifndef ISM_NODE_H
#define ISM_NODE_H

#include "sysfs/sysfs.h"

/*
 * A device file below /dev, and the sysfs attribute with its device number: of a
 * function when @address is given, else below sysfs itself.
 */
struct node {
	char name[NAME_MAX + 32];      /* below the root of device files, "vfio/12"; empty: none */
	char attribute[NAME_MAX + 64]; /* "devices/virtual/vfio/12/dev" */
	const char *address;
};

/* The device files that are not a function's own. */
extern const struct node node_container; /* vfio/vfio */
extern const struct node node_iommufd;	 /* iommu */
extern const struct node node_kmsg;	 /* kmsg */

/* Where it is, for people to read. */
void node_path(const struct roots *roots, const struct node *node, char path[PATH_MAX]);

/*
 * Open it. On the host it must be the character device that sysfs names, and no link is
 * on the way. Returns a descriptor, or -1 with errno set: ENXIO when it is another file.
 */
int node_open(const struct roots *roots, const struct node *node, int flags);

/* Whether there is such a file, and whether this process may read and write it. */
bool node_exists(const struct roots *roots, const struct node *node);
bool node_usable(const struct roots *roots, const struct node *node);

#endif
