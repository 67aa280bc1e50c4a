/* SPDX-License-Identifier: MIT */
#ifndef ISM_VFIO_USERS_H
#define ISM_VFIO_USERS_H

#include <stddef.h>
#include <sys/types.h>

#include "vfio/functions.h"

/* More processes than can have one vfio device open: the kernel hands it out once. */
#define VFIO_USERS_MAX 16

struct vfio_user {
	pid_t pid;
	char comm[64];
};

struct vfio_users {
	size_t count;
	struct vfio_user found[VFIO_USERS_MAX];
	size_t unseen; /* processes whose files this user may not see */
};

/*
 * The processes that have one of the function's vfio files open, this one included, out of
 * /proc/<pid>/fd. Returns 0, or -1 with errno set when /proc itself cannot be read.
 */
int vfio_users_find(const struct roots *roots, const char *address, struct vfio_users *holders);

#endif
