// SPDX-License-Identifier: MIT
#include "sysfs/sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/beneath.h"
#include "base/fields.h"

#define DEVICES "bus/pci/devices"

/* What the kernel's links in DEVICES begin with (drivers/base/bus.c, bus_add_device()). */
#define TO_DEVICES "../../../devices/"

bool roots_are_host(const struct roots *roots)
{
	struct stat given;
	struct stat host;

	if (!strcmp(roots->sysfs, HOST_SYSFS))
		return true;
	/* Another spelling of the same directory is the same tree. */
	return !stat(roots->sysfs, &given) && !stat(HOST_SYSFS, &host) &&
	       given.st_dev == host.st_dev && given.st_ino == host.st_ino;
}

static bool is_sysfs(int fd)
{
	struct statfs fs;

	return !fstatfs(fd, &fs) && fs.f_type == SYSFS_MAGIC;
}

static int close_with_errno(int fd, int err)
{
	close(fd);
	errno = err;
	return -1;
}

static int open_root(const struct roots *roots)
{
	int fd = open(roots->sysfs, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 && roots_are_host(roots) && !is_sysfs(fd))
		return close_with_errno(fd, ENODEV);
	return fd;
}

/* Follow the kernel's link to a function, whose target is @target, below @root. */
static int open_target(int root, const char *target, const char *address)
{
	const char *base = strrchr(target, '/');

	if (strncmp(target, TO_DEVICES, strlen(TO_DEVICES)) || !base || strcmp(base + 1, address) ||
	    strstr(target + strlen(TO_DEVICES), "..")) {
		errno = EXDEV;
		return -1;
	}
	return open_beneath(root, target + strlen("../../../"), O_PATH | O_DIRECTORY);
}

static int open_function(int root, const char *address)
{
	char target[PATH_MAX];
	char path[64];
	ssize_t n;
	int dir;
	int err;

	/* Only an address may become part of a path, no matter where it comes from. */
	if (!is_address(address)) {
		errno = EINVAL;
		return -1;
	}
	snprintf(path, sizeof(path), DEVICES "/%s", address);
	dir = open_beneath(root, path, O_PATH | O_DIRECTORY);
	if (dir >= 0 || (errno != ELOOP && errno != ENOTDIR))
		return dir;
	dir = open_beneath(root, DEVICES, O_PATH | O_DIRECTORY);
	if (dir < 0)
		return -1;
	n = readlinkat(dir, address, target, sizeof(target) - 1);
	err = errno;
	close(dir);
	if (n < 0) {
		errno = err;
		return -1;
	}
	target[n] = '\0';
	return open_target(root, target, address);
}

/* Whether a file that was opened is of the kind that was meant. */
static bool is_expected_kind(int fd, const struct stat *st, bool host, int flags)
{
	if (host && !is_sysfs(fd))
		return false;
	if (flags & O_DIRECTORY)
		return S_ISDIR(st->st_mode);
#ifdef TEST_ROOTS
	/* A FIFO stands for an attribute that blocks in the kernel. */
	if (S_ISFIFO(st->st_mode) && !host)
		return true;
#endif
	return S_ISREG(st->st_mode);
}

/* Opens a directory that is the root or a function; the caller closes it. */
static int open_base(const struct roots *roots, const char *address)
{
	int root = open_root(roots);
	int dir;
	int err;

	if (root < 0 || !address)
		return root;
	dir = open_function(root, address);
	err = errno;
	close(root);
	errno = err;
	return dir;
}

int sysfs_open(const struct roots *roots, const char *address, const char *name, int flags)
{
	bool host = roots_are_host(roots);
	struct stat st;
	int err;
	int dir;
	int fd;

	dir = open_base(roots, address);
	if (dir < 0)
		return -1;
#ifndef TEST_ROOTS
	/* Opening something other than an attribute must not block either. */
	flags |= O_NONBLOCK;
#endif
	fd = open_beneath(dir, name, flags);
	err = errno;
	close(dir);
	errno = err;
	if (fd < 0)
		return -1;
	if (fstat(fd, &st))
		return close_with_errno(fd, errno);
	return is_expected_kind(fd, &st, host, flags) ? fd : close_with_errno(fd, EINVAL);
}

DIR *sysfs_dir(const struct roots *roots, const char *address, const char *name)
{
	int fd = sysfs_open(roots, address, name, O_RDONLY | O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (fd >= 0 && !dir)
		close(fd);
	return dir;
}

bool sysfs_exists(const struct roots *roots, const char *address, const char *name)
{
	int dir = open_base(roots, address);
	bool there;

	if (dir < 0)
		return false;
	there = !faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW);
	close(dir);
	return there;
}

long sysfs_read_here(const struct roots *roots, const char *address, const char *name,
		     char value[ATTR_MAX])
{
	int fd = sysfs_open(roots, address, name, O_RDONLY);
	ssize_t n;
	int err;

	if (fd < 0)
		return -1;
	n = read(fd, value, ATTR_MAX - 1);
	err = errno;
	close(fd);
	if (n < 0) {
		errno = err;
		return -1;
	}
	while (n > 0 && value[n - 1] == '\n')
		n--;
	value[n] = '\0';
	return n;
}

int sysfs_link(const struct roots *roots, const char *address, const char *name,
	       char base[NAME_MAX + 1])
{
	int dir = open_base(roots, address);
	char target[PATH_MAX];
	const char *slash;
	ssize_t n;
	int err;

	if (dir < 0)
		return -1;
	n = readlinkat(dir, name, target, sizeof(target) - 1);
	err = errno;
	close(dir);
	errno = err;
	if (n < 0)
		return -1;
	target[n] = '\0';
	slash = strrchr(target, '/');
	if ((size_t)snprintf(base, NAME_MAX + 1, "%s", slash ? slash + 1 : target) > NAME_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	/* It becomes a component of other paths. */
	if (!strcmp(base, "..") || !strcmp(base, ".")) {
		errno = EINVAL;
		return -1;
	}
	return 0;
}
