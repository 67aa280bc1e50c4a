// SPDX-License-Identifier: MIT
#include "sysfs/binding_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define FILE_NAME "bus/pci/drivers_probe"

/* Domain, bus, device and function in one number, as the kernel's pci_dev_id() with a domain. */
static off_t number_of(const char *address)
{
	unsigned int domain = 0;
	unsigned int bus = 0;
	unsigned int device = 0;
	unsigned int function = 0;

	sscanf(address, "%8x:%2x:%2x.%1x", &domain, &bus, &device, &function);
	return (off_t)domain << 16 | (off_t)(bus << 8 | (device & 31) << 3 | (function & 7));
}

static struct flock byte_of(const char *address)
{
	return (struct flock){
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = number_of(address),
		.l_len = 1,
	};
}

void binding_lock_take(struct binding_lock *lock, const struct roots *roots, const char *address)
{
	struct flock byte = byte_of(address);

	lock->fd = sysfs_open(roots, NULL, FILE_NAME, O_WRONLY);
	if (lock->fd < 0) {
		if (errno == EACCES || errno == EPERM)
			fail(&lock->why, errno_name(errno), NULL,
			     "this user may not change drivers (drivers_probe); run as root");
		else
			fail_errno(&lock->why, errno, "cannot open %s", FILE_NAME);
		return;
	}
	/* Of the open file and not of the process, so that a child can keep it (F_OFD_SETLK). */
	if (!fcntl(lock->fd, F_OFD_SETLK, &byte))
		return;
	if (errno == EAGAIN || errno == EACCES)
		fail(&lock->why, "EBUSY", NULL,
		     "another helper is changing the driver of %s, or an earlier change is still "
		     "in progress; refresh the list and try again",
		     address);
	else
		fail_errno(&lock->why, errno, "cannot lock the driver of %s", address);
	binding_lock_release(lock);
}

void binding_lock_release(struct binding_lock *lock)
{
	if (lock->fd >= 0)
		close(lock->fd);
	lock->fd = -1;
}

bool binding_lock_is_held(const struct roots *roots, const char *address)
{
	struct flock byte = byte_of(address);
	int fd = sysfs_open(roots, NULL, FILE_NAME, O_WRONLY);
	bool held = fd >= 0 && !fcntl(fd, F_OFD_GETLK, &byte) && byte.l_type != F_UNLCK;

	if (fd >= 0)
		close(fd);
	return held;
}
