// SPDX-License-Identifier: MIT
#include "base/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The same for kernels that lack openat2(): a link is refused at each component. */
static int open_each_component(int dir, const char *path, int flags)
{
	char copy[PATH_MAX];
	char *save = NULL;
	char *name;
	int at = dir;

	if (snprintf(copy, sizeof(copy), "%s", path) >= (int)sizeof(copy)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	for (name = strtok_r(copy, "/", &save); name;) {
		char *next = strtok_r(NULL, "/", &save);
		int step = next ? O_PATH | O_DIRECTORY : flags;
		int fd = -1;
		int err = EXDEV;

		if (strcmp(name, "..")) {
			fd = openat(at, name, step | O_NOFOLLOW | O_CLOEXEC);
			err = errno;
		}
		if (at != dir)
			close(at);
		errno = err;
		if (fd < 0)
			return -1;
		at = fd;
		name = next;
	}
	if (at == dir) {
		errno = ENOENT;
		return -1;
	}
	return at;
}

int open_beneath(int dir, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned long long)(unsigned int)(flags | O_NOFOLLOW | O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	int fd;

	if (*path == '/') {
		errno = EXDEV;
		return -1;
	}
	fd = (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));
	/* EPERM: a filter of system calls that does not know this one. */
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		return open_each_component(dir, path, flags);
	return fd;
}
