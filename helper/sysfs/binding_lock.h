/* SPDX-License-Identifier: MIT */
#ifndef ISM_BINDING_LOCK_H
#define ISM_BINDING_LOCK_H

#include <stdbool.h>

#include "sysfs/sysfs.h"

/*
 * The right to change one function's driver, which one helper of a host has at a time. It is a lock
 * on a byte of bus/pci/drivers_probe, the byte with the function's number: that file is the
 * kernel's, only root can open it, and nothing is left behind. A write to sysfs that the kernel
 * does not finish keeps the lock until it has, even when its helper has ended.
 */
struct binding_lock {
	int fd;		    /* -1: not held */
	struct failure why; /* then */
};

void binding_lock_take(struct binding_lock *lock, const struct roots *roots, const char *address);
void binding_lock_release(struct binding_lock *lock);

/* Whether any helper holds it; false if this user may not query it. */
bool binding_lock_is_held(const struct roots *roots, const char *address);

#endif
