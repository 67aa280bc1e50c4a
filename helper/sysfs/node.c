// SPDX-License-Identifier: MIT
#include "sysfs/node.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/beneath.h"

/* The devices of class misc and mem have no parent (drivers/char/misc.c, drivers/char/mem.c). */
const struct node node_container = {.name = "vfio/vfio",
				    .attribute = "devices/virtual/misc/vfio/dev"};
const struct node node_iommufd = {.name = "iommu", .attribute = "devices/virtual/misc/iommu/dev"};
const struct node node_kmsg = {.name = "kmsg", .attribute = "devices/virtual/mem/kmsg/dev"};

void node_path(const struct roots *roots, const struct node *node, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%s", roots->dev, node->name);
}

/* Whether a file is the device that sysfs names. */
static bool is_device(const struct roots *roots, const struct node *node, int fd)
{
	char value[ATTR_MAX];
	unsigned int major;
	unsigned int minor;
	struct stat st;

	if (fstat(fd, &st))
		return false;
	if (sysfs_read(roots, node->address, node->attribute, value) < 0)
		/* A tree of a test has files in place of devices. */
		return !roots_are_host(roots);
	return S_ISCHR(st.st_mode) && sscanf(value, "%u:%u", &major, &minor) == 2 &&
	       st.st_rdev == makedev(major, minor);
}

static int open_checked(const struct roots *roots, int root, const struct node *node, int flags)
{
	int fd = open_beneath(root, node->name, flags);

	if (fd >= 0 && !is_device(roots, node, fd)) {
		close(fd);
		errno = ENXIO;
		return -1;
	}
	return fd;
}

int node_open(const struct roots *roots, const struct node *node, int flags)
{
	int root = open(roots->dev, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd;
	int err;

	if (root < 0)
		return -1;
	/* Checked before it is opened, because opening may have side effects, and again after. */
	fd = open_checked(roots, root, node, O_PATH);
	if (fd >= 0) {
		close(fd);
		fd = open_checked(roots, root, node, flags);
	}
	err = errno;
	close(root);
	errno = err;
	return fd;
}

static bool node_access(const struct roots *roots, const struct node *node, int mode)
{
	char path[PATH_MAX];

	node_path(roots, node, path);
	return *node->name && !faccessat(AT_FDCWD, path, mode, AT_EACCESS);
}

bool node_exists(const struct roots *roots, const struct node *node)
{
	return node_access(roots, node, F_OK);
}

bool node_usable(const struct roots *roots, const struct node *node)
{
	return node_access(roots, node, R_OK | W_OK);
}
