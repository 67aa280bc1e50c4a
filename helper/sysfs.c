// SPDX-License-Identifier: MIT
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "within.h"

bool roots_are_host(const struct roots *roots)
{
	return !strcmp(roots->sysfs, HOST_SYSFS);
}

bool sysfs_path(const struct roots *roots, const char *address, const char *leaf,
		char path[PATH_MAX])
{
	int n = snprintf(path, PATH_MAX, "%s/bus/pci/devices/%s%s%s", roots->sysfs, address,
			 *leaf ? "/" : "", leaf);

	return n > 0 && n < PATH_MAX;
}

long sysfs_read(const struct roots *roots, const char *address, const char *name,
		char value[ATTR_MAX])
{
	char path[PATH_MAX];
	ssize_t n;
	int err;
	int fd;

	if (!sysfs_path(roots, address, name, path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
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

int sysfs_write(const char *path, const char *text)
{
	size_t len = strlen(text);
	ssize_t n;
	int err;
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	/* One write is one request to the kernel: a second for the rest would be another one. */
	n = write(fd, text, len);
	err = n < 0 ? errno : (size_t)n == len ? 0 : EIO;
	if (close(fd) && !err)
		err = errno;
	errno = err;
	return err ? -1 : 0;
}

struct sysfs_text {
	const char *path;
	const char *text;
};

static int write_text(const void *argument)
{
	const struct sysfs_text *what = argument;

	return sysfs_write(what->path, what->text);
}

int sysfs_write_within(const char *path, const char *text, int limit_ms)
{
	const struct sysfs_text what = {path, text};

	return call_within(write_text, &what, limit_ms);
}

int sysfs_link(const struct roots *roots, const char *address, const char *name,
	       char base[NAME_MAX + 1])
{
	char path[PATH_MAX];
	char target[PATH_MAX];
	const char *slash;
	ssize_t n;

	if (!sysfs_path(roots, address, name, path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return -1;
	target[n] = '\0';
	slash = strrchr(target, '/');
	if ((size_t)snprintf(base, NAME_MAX + 1, "%s", slash ? slash + 1 : target) > NAME_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return 0;
}

bool sysfs_is_ism(const struct roots *roots, const char *address, struct failure *f)
{
	char vendor[ATTR_MAX];
	char device[ATTR_MAX];

	if (sysfs_read(roots, address, "vendor", vendor) < 0 ||
	    sysfs_read(roots, address, "device", device) < 0) {
		if (errno == ENOENT)
			fail(f, "ENODEV", NULL,
			     "there is no PCI function %s on this host any more; "
			     "refresh the list of functions",
			     address);
		else
			fail_errno(f, errno, "the ids of PCI function %s cannot be read", address);
		return false;
	}
	if (strcmp(vendor, ISM_VENDOR) || strcmp(device, ISM_DEVICE)) {
		fail(f, "not-ism", NULL,
		     "PCI function %s is %.10s:%.10s, not an ISM function (0x1014:0x04ed)", address,
		     vendor, device);
		return false;
	}
	return true;
}
