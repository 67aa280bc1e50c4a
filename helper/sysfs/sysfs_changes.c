// SPDX-License-Identifier: MIT
/*
 * Changing a function's driver. The kernel's own way for one function is driver_override followed
 * by drivers_probe (Documentation/ABI/testing/sysfs-bus-pci); writing to a driver's "bind" file
 * without an override is answered with ENODEV by a vfio driver that claims no ids.
 */
#include "sysfs/sysfs_changes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json_pairs.h"
#include "base/call_timeout.h"

void binding_read(const struct roots *roots, const char *address, struct binding *binding)
{
	long len = sysfs_read(roots, address, "driver_override", binding->override);

	binding->unread = len < 0 && errno == ETIMEDOUT;
	/* It reads "(null)" when nothing is set (drivers/base/bus.c). */
	if (len < 0 || !strcmp(binding->override, "(null)"))
		binding->override[0] = '\0';
	if (sysfs_link(roots, address, "driver", binding->driver))
		binding->driver[0] = '\0';
}

bool binding_same(const struct binding *a, const struct binding *b)
{
	return !strcmp(a->driver, b->driver) && !strcmp(a->override, b->override);
}

static int path_too_long(struct failure *f)
{
	return fail(f, "ENAMETOOLONG", NULL, "the sysfs root's path is too long");
}

/* Add a write of @text to @name of the function; its file is named by @path where it has another.
 */
static struct sysfs_change *sysfs_changes_add(struct sysfs_changes *writes,
					      const struct roots *roots, const char *address,
					      const char *name, const char *text, struct failure *f)
{
	struct sysfs_change *w = &writes->list[writes->count];

	w->of_function = true;
	w->is_probe = false;
	snprintf(w->name, sizeof(w->name), "%s", name);
	snprintf(w->text, sizeof(w->text), "%s", text);
	if (!sysfs_path(roots, address, name, w->path)) {
		path_too_long(f);
		return NULL;
	}
	writes->count++;
	return w;
}

int sysfs_changes_between(const struct roots *roots, const char *address,
			  const struct binding *from, const struct binding *to,
			  struct sysfs_changes *writes, struct failure *f)
{
	bool leaves = strcmp(from->driver, to->driver);
	struct sysfs_change *w;

	writes->count = 0;
	/* The override first: without it nothing may take the function once it is free. */
	if (strcmp(from->override, to->override)) {
		w = sysfs_changes_add(writes, roots, address, "driver_override", to->override, f);
		if (!w)
			return -1;
		snprintf(w->what, sizeof(w->what), "driver_override = %.64s",
			 *to->override ? to->override : "(none)");
	}
	if (leaves && *from->driver) {
		w = sysfs_changes_add(writes, roots, address, "driver/unbind", address, f);
		if (!w)
			return -1;
		/* Names the driver: another one that took the function since keeps it. */
		w->of_function = false;
		snprintf(w->name, sizeof(w->name), "bus/pci/drivers/%s/unbind", from->driver);
		snprintf(w->what, sizeof(w->what), "unbind from %.64s", from->driver);
	}
	if (leaves && *to->driver) {
		w = sysfs_changes_add(writes, roots, address, "", address, f);
		if (!w)
			return -1;
		w->of_function = false;
		snprintf(w->name, sizeof(w->name), "bus/pci/drivers_probe");
		if (snprintf(w->path, sizeof(w->path), "%s/%s", roots->sysfs, w->name) >=
		    (int)sizeof(w->path))
			return path_too_long(f);
		w->is_probe = true;
		snprintf(w->what, sizeof(w->what), "drivers_probe");
	}
	return 0;
}

static int explain_write_failure(const char *address, const char *what, struct failure *f)
{
	if (errno == EINPROGRESS)
		return fail(f, "EINPROGRESS", NULL,
			    "%s of %s is still in progress: the kernel waits for local programs to "
			    "close their SMC sockets. Retry when the list shows no driver.",
			    what, address);
	if (errno == EAGAIN)
		return fail(f, "EAGAIN", NULL,
			    "%d earlier changes are still in progress, so %s of %s was not "
			    "started; try again when one of them has finished",
			    PENDING_CALLS_MAX, what, address);
	if (errno == EACCES || errno == EPERM)
		return fail(f, errno_name(errno), NULL,
			    "this user may not change drivers (%s); run as root", what);
	if (errno == ENOENT || errno == ENODEV)
		return fail(f, "ENODEV", NULL,
			    "the function or its driver is gone (%s: %s); refresh the list of "
			    "functions",
			    what, strerror(errno));
	return fail_errno(f, errno, "%s", what);
}

/* One write to sysfs, by the process that call_with_timeout() makes for it. */
struct order {
	const struct roots *roots;
	const char *address;
	const struct sysfs_change *write;
};

static int write_change(const void *argument)
{
	const struct order *order = argument;
	const struct sysfs_change *w = order->write;
	const char *text = *w->text ? w->text : "\n";
	size_t len = strlen(text);
	int fd =
		sysfs_open(order->roots, w->of_function ? order->address : NULL, w->name, O_WRONLY);
	ssize_t n;
	int err;

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

/*
 * A write normally takes milliseconds (WRITE_LIMIT_MS is 5 s). An unbind waits for the users of the
 * function, with SMC-D without limit, and the other two writes wait for the lock that it holds.
 */
int sysfs_changes_apply(const struct roots *roots, const char *address, const struct binding *to,
			int lock, json_t *steps, struct failure *f)
{
	struct binding now;
	struct sysfs_changes writes;
	bool probed = false;
	size_t i;

	binding_read(roots, address, &now);
	if (sysfs_changes_between(roots, address, &now, to, &writes, f))
		return -1;
	for (i = 0; i < writes.count; i++) {
		const struct sysfs_change *w = &writes.list[i];
		const struct order order = {roots, address, w};

		if (call_with_timeout(write_change, &order, lock, WRITE_LIMIT_MS))
			return explain_write_failure(address, w->what, f);
		json_array_append_new(steps, json_string(w->what));
		probed = w->is_probe;
	}
	/* The write succeeds whether or not a driver took the function. */
	binding_read(roots, address, &now);
	if (probed && strcmp(now.driver, to->driver))
		return fail(f, "not-bound", NULL,
			    "the kernel did not bind %s to %s (it is now bound to %s); see the "
			    "kernel log",
			    address, to->driver, *now.driver ? now.driver : "nothing");
	return 0;
}

json_t *sysfs_changes_json(const struct sysfs_changes *writes)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < writes->count; i++)
		json_array_append_new(list, JSON_OBJECT(PAIR_TEXT("path", writes->list[i].path),
							PAIR_TEXT("value", writes->list[i].text)));
	return list;
}
