/* SPDX-License-Identifier: MIT */
#ifndef ISM_SYSFS_H
#define ISM_SYSFS_H

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/failure.h"
#include "base/protocol_limits.h"

/* Where the kernel's file systems are: always the host's own, but in the build for tests. */
struct roots {
	const char *sysfs;
	const char *dev;
	const char *modules; /* lists of the kernel's modules; NULL: not to be looked at */
};

/* The kernel's own trees. Netlink speaks of this sysfs, whatever tree a test names. */
#define HOST_SYSFS "/sys"
#define HOST_DEV "/dev"
#define HOST_MODULES "/lib/modules"

/* Whether @roots is the running kernel's tree, so that netlink and it speak of the same. */
bool roots_are_host(const struct roots *roots);

/* Longest attribute read: util_string is 64 bytes, resource about 1 KiB. */
#define ATTR_MAX 2048

/* PCI ids of ISM, from drivers/s390/net/ism_drv.c: IBM's vendor id and its ISM device id. */
#define ISM_VENDOR "0x1014"
#define ISM_DEVICE "0x04ed"

/*
 * Write the path of @leaf of PCI function @address to @path, for messages only; files are opened
 * with sysfs_open(). False if it would not fit.
 */
bool sysfs_path(const struct roots *roots, const char *address, const char *leaf,
		char path[PATH_MAX]);

/*
 * The one way to a file of sysfs. Opens @name below the PCI function @address, or below sysfs
 * itself when @address is NULL. No link is followed but the kernel's own from bus/pci/devices to
 * the function, and that only to a place below sysfs/devices. Takes regular files, and directories
 * with O_DIRECTORY; on the host nothing that is not on sysfs. -1 with errno set.
 */
int sysfs_open(const struct roots *roots, const char *address, const char *name, int flags);

/* The same for a directory that is to be listed; NULL with errno set. */
DIR *sysfs_dir(const struct roots *roots, const char *address, const char *name);

/* Whether there is such a file or directory. */
bool sysfs_exists(const struct roots *roots, const char *address, const char *name);

/*
 * Read attribute @name of @address (or below sysfs, as for sysfs_open()), at most ATTR_MAX - 1
 * bytes, terminated; trailing newlines of a text go. Returns the number of bytes, or -1 with errno
 * set: ETIMEDOUT when the kernel did not answer within ATTR_LIMIT_MS.
 */
long sysfs_read(const struct roots *roots, const char *address, const char *name,
		char value[ATTR_MAX]);

/* Ends the process that reads for sysfs_read(); the next read starts another. */
void sysfs_read_end(void);

/* sysfs_read() in this process, which waits as long as the kernel does. */
long sysfs_read_here(const struct roots *roots, const char *address, const char *name,
		     char value[ATTR_MAX]);

/*
 * The last component of the link @name of @address ("driver", "iommu_group").
 * Returns 0, or -1 with errno set (ENOENT: no such link).
 */
int sysfs_link(const struct roots *roots, const char *address, const char *name,
	       char base[NAME_MAX + 1]);

/* True when @address is there and is an ISM function; otherwise @f has the reason. */
bool sysfs_is_ism(const struct roots *roots, const char *address, struct failure *f);

#endif
