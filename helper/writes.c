// SPDX-License-Identifier: MIT
/*
 * Changing a function's driver. The kernel's own way for one function is driver_override followed
 * by drivers_probe (Documentation/ABI/testing/sysfs-bus-pci); writing to a driver's "bind" file
 * without an override is answered with ENODEV by a vfio driver that claims no ids.
 */
#include "writes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* An unbind that is not held up takes some milliseconds. */
#define UNBIND_LIMIT_MS 5000

void binding_read(const struct roots *roots, const char *address, struct binding *binding)
{
	if (sysfs_link(roots, address, "driver", binding->driver))
		binding->driver[0] = '\0';
	/* It reads "(null)" when nothing is set (drivers/base/bus.c). */
	if (sysfs_read(roots, address, "driver_override", binding->override) < 0 ||
	    !strcmp(binding->override, "(null)"))
		binding->override[0] = '\0';
}

bool binding_same(const struct binding *a, const struct binding *b)
{
	return !strcmp(a->driver, b->driver) && !strcmp(a->override, b->override);
}

static int too_long(struct failure *f)
{
	return fail(f, "ENAMETOOLONG", NULL, "the sysfs root's path is too long");
}

int writes_between(const struct roots *roots, const char *address, const struct binding *from,
		   const struct binding *to, struct writes *writes, struct failure *f)
{
	bool leaves = strcmp(from->driver, to->driver);
	struct write *w;

	writes->count = 0;
	/* The override first: without it nothing may take the function once it is free. */
	if (strcmp(from->override, to->override)) {
		w = &writes->list[writes->count++];
		w->waits = false;
		if (!sysfs_path(roots, address, "driver_override", w->path))
			return too_long(f);
		snprintf(w->text, sizeof(w->text), "%s", to->override);
		snprintf(w->what, sizeof(w->what), "driver_override = %.64s",
			 *to->override ? to->override : "(none)");
	}
	if (leaves && *from->driver) {
		w = &writes->list[writes->count++];
		w->waits = false;
		if (!sysfs_path(roots, address, "driver/unbind", w->path))
			return too_long(f);
		snprintf(w->text, sizeof(w->text), "%s", address);
		w->waits = true;
		snprintf(w->what, sizeof(w->what), "unbind from %.64s", from->driver);
	}
	if (leaves && *to->driver) {
		w = &writes->list[writes->count++];
		w->waits = false;
		if (snprintf(w->path, sizeof(w->path), "%s/bus/pci/drivers_probe", roots->sysfs) >=
		    (int)sizeof(w->path))
			return too_long(f);
		snprintf(w->text, sizeof(w->text), "%s", address);
		snprintf(w->what, sizeof(w->what), "drivers_probe");
	}
	return 0;
}

static int write_failed(const char *address, const char *what, struct failure *f)
{
	if (errno == EINPROGRESS)
		return fail(f, "EINPROGRESS", NULL,
			    "the kernel is still at it (%s of %s): it waits until the programs "
			    "on this host that use the function have closed their sockets; bind "
			    "it again, or restore it, once the list shows it without a driver",
			    what, address);
	if (errno == EACCES || errno == EPERM)
		return fail(f, errno_name(errno), NULL,
			    "this user may not change drivers (%s); run as root", what);
	if (errno == ENOENT || errno == ENODEV)
		return fail(f, "ENODEV", NULL,
			    "the function or its driver went away (%s: %s); refresh the list of "
			    "functions",
			    what, strerror(errno));
	return fail_errno(f, errno, "%s", what);
}

static int carry_out(const struct write *w)
{
	/* An unbind waits for whoever uses the function, and for SMC-D even without end. */
	if (w->waits)
		return sysfs_write_within(w->path, w->text, UNBIND_LIMIT_MS);
	return sysfs_write(w->path, *w->text ? w->text : "\n");
}

int writes_carry_out(const struct roots *roots, const char *address, const struct binding *to,
		     json_t *steps, struct failure *f)
{
	struct binding now;
	struct writes writes;
	bool probed = false;
	size_t i;

	binding_read(roots, address, &now);
	if (writes_between(roots, address, &now, to, &writes, f))
		return -1;
	for (i = 0; i < writes.count; i++) {
		const struct write *w = &writes.list[i];

		if (carry_out(w))
			return write_failed(address, w->what, f);
		json_array_append_new(steps, json_string(w->what));
		probed = !strcmp(w->what, "drivers_probe");
	}
	/* The kernel takes the write for a success whether or not a driver took the function. */
	binding_read(roots, address, &now);
	if (probed && strcmp(now.driver, to->driver))
		return fail(f, "not-bound", NULL,
			    "the kernel did not bind %s to %s (it is now bound to %s); the "
			    "kernel's log may say why",
			    address, to->driver, *now.driver ? now.driver : "nothing");
	return 0;
}

json_t *writes_json(const struct writes *writes)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < writes->count; i++)
		json_array_append_new(list, json_pack("{s:s, s:s}", "path", writes->list[i].path,
						      "value", writes->list[i].text));
	return list;
}
