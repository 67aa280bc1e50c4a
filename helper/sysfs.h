/* SPDX-License-Identifier: MIT */
#ifndef ISM_SYSFS_H
#define ISM_SYSFS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "failure.h"

/* Where the kernel's file systems are; tests point them at a fixture tree. */
struct roots {
	const char *sysfs;
	const char *dev;
};

/* The kernel's own tree. Netlink speaks of it, whatever tree --sysfs-root names. */
#define HOST_SYSFS "/sys"

/* Whether @roots is the running kernel's tree, so that netlink and it speak of the same. */
bool roots_are_host(const struct roots *roots);

/* Longest attribute read: util_string is 64 bytes, resource about 1 KiB. */
#define ATTR_MAX 2048

/* PCI ids of ISM, from drivers/s390/net/ism_drv.c: IBM's vendor id and its ISM device id. */
#define ISM_VENDOR "0x1014"
#define ISM_DEVICE "0x04ed"

/* Write the path of @leaf of PCI function @address to @path; false if it would not fit. */
bool sysfs_path(const struct roots *roots, const char *address, const char *leaf,
		char path[PATH_MAX]);

/*
 * Read attribute @name of @address, at most ATTR_MAX - 1 bytes, terminated; trailing newlines of a
 * text go. Returns the number of bytes, or -1 with errno set.
 */
long sysfs_read(const struct roots *roots, const char *address, const char *name,
		char value[ATTR_MAX]);

/* Write @text to @path in one write; returns 0, or -1 with errno set. */
int sysfs_write(const char *path, const char *text);

/*
 * The same in a process of its own, which is left to itself when the kernel has not taken the write
 * within @limit_ms: then -1 with EINPROGRESS. Such a write cannot be called off, and a helper that
 * waited for it would answer nothing else.
 */
int sysfs_write_within(const char *path, const char *text, int limit_ms);

/*
 * The last component of the link @name of @address ("driver", "iommu_group").
 * Returns 0, or -1 with errno set (ENOENT: no such link).
 */
int sysfs_link(const struct roots *roots, const char *address, const char *name,
	       char base[NAME_MAX + 1]);

/* True when @address is there and is an ISM function; otherwise @f says what is wrong. */
bool sysfs_is_ism(const struct roots *roots, const char *address, struct failure *f);

#endif
