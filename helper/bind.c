// SPDX-License-Identifier: MIT
/*
 * Changing a function's driver. The kernel's own way for one function is driver_override followed
 * by drivers_probe (Documentation/ABI/testing/sysfs-bus-pci); writing to a driver's "bind" file
 * without an override is answered with ENODEV by a vfio driver that claims no ids.
 */
#include "bind.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "functions.h"
#include "vfio.h"

static void current_driver(const struct roots *roots, const char *address,
			   char driver[NAME_MAX + 1])
{
	if (sysfs_link(roots, address, "driver", driver))
		driver[0] = '\0';
}

void former_read(const struct roots *roots, const char *address, struct former *former)
{
	current_driver(roots, address, former->driver);
	if (sysfs_read(roots, address, "driver_override", former->override) < 0 ||
	    !strcmp(former->override, "(null)"))
		former->override[0] = '\0';
}

/* Write @text to @path and note it as @what; the failure names what could not be done. */
static int step(json_t *steps, const char *path, const char *text, const char *what,
		struct failure *f)
{
	if (sysfs_write(path, text)) {
		if (errno == EACCES || errno == EPERM)
			return fail(f, errno_name(errno), NULL,
				    "this user may not change drivers (%s); run as root", what);
		if (errno == ENOENT || errno == ENODEV)
			return fail(f, "ENODEV", NULL,
				    "the function or its driver went away (%s: %s); refresh the "
				    "list of functions",
				    what, strerror(errno));
		return fail_errno(f, errno, "%s", what);
	}
	json_array_append_new(steps, json_string(what));
	return 0;
}

static int set_override(const struct roots *roots, const char *address, const char *driver,
			json_t *steps, struct failure *f)
{
	char path[PATH_MAX];
	char what[ATTR_MAX + 64];

	if (!sysfs_path(roots, address, "driver_override", path))
		return fail(f, "ENAMETOOLONG", NULL, "the sysfs root's path is too long");
	snprintf(what, sizeof(what), "driver_override = %s", *driver ? driver : "(none)");
	/* A lone newline clears the override. */
	return step(steps, path, *driver ? driver : "\n", what, f);
}

static int unbind(const struct roots *roots, const char *address, const char *driver, json_t *steps,
		  struct failure *f)
{
	char path[PATH_MAX];
	char what[NAME_MAX + 64];

	if (!sysfs_path(roots, address, "driver/unbind", path))
		return fail(f, "ENAMETOOLONG", NULL, "the sysfs root's path is too long");
	snprintf(what, sizeof(what), "unbind from %s", driver);
	return step(steps, path, address, what, f);
}

static int probe(const struct roots *roots, const char *address, json_t *steps, struct failure *f)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/bus/pci/drivers_probe", roots->sysfs);
	return step(steps, path, address, "drivers_probe", f);
}

/* Refuse to unbind @address while its vfio device is open: the write would wait in the kernel. */
static int check_not_open(const struct roots *roots, const char *address, struct failure *f)
{
	bool busy;

	if (vfio_is_open_elsewhere(roots, address, &busy, f))
		return -1;
	if (busy)
		return fail(f, "EBUSY", NULL,
			    "%s is open in another process, and unbinding would wait for it; "
			    "close it there and try again",
			    address);
	return 0;
}

/* Go to @driver (empty: none) with @override, whatever is there now. */
static int move_to(const struct roots *roots, const char *address, const char *driver,
		   const char *override, json_t *steps, struct failure *f)
{
	char now[NAME_MAX + 1];

	current_driver(roots, address, now);
	if (set_override(roots, address, override, steps, f))
		return -1;
	if (*now && strcmp(now, driver) && unbind(roots, address, now, steps, f))
		return -1;
	if (!*driver || !strcmp(now, driver))
		return 0;
	if (probe(roots, address, steps, f))
		return -1;
	current_driver(roots, address, now);
	if (strcmp(now, driver))
		return fail(f, "not-bound", NULL,
			    "the kernel did not bind %s to %s (it is now bound to %s); "
			    "the kernel's log may say why",
			    address, driver, *now ? now : "nothing");
	return 0;
}

/* Undo a failed change; what cannot be undone is added to the failure's sentence. */
static void roll_back(const struct roots *roots, const char *address, const struct former *former,
		      json_t *steps, struct failure *f)
{
	struct failure why;
	size_t used = strlen(f->message);

	if (!json_array_size(steps))
		return;
	if (move_to(roots, address, former->driver, former->override, steps, &why))
		snprintf(f->message + used, sizeof(f->message) - used,
			 "; bringing back the former driver failed too: %.150s", why.message);
	else
		snprintf(f->message + used, sizeof(f->message) - used,
			 "; the former state was brought back");
}

int bind_function(const struct roots *roots, const char *address, const char *driver, bool force,
		  json_t *steps, struct failure *f)
{
	char path[PATH_MAX];
	struct former former;

	former_read(roots, address, &former);
	if (!strcmp(former.driver, driver))
		return 0;
	snprintf(path, sizeof(path), "%s/bus/pci/drivers/%s", roots->sysfs, driver);
	if (access(path, F_OK))
		return fail(f, "ENOENT", NULL,
			    "the driver %s is not loaded on this host; load its module and try "
			    "again",
			    driver);
	if (*former.driver && !is_vfio_driver(former.driver) && !force)
		return fail(f, "in-use", NULL,
			    "%s is driven by %s; its connections would be cut, so taking it away "
			    "must be asked for explicitly",
			    address, former.driver);
	if (is_vfio_driver(former.driver) && check_not_open(roots, address, f))
		return -1;
	if (!move_to(roots, address, driver, driver, steps, f))
		return 0;
	roll_back(roots, address, &former, steps, f);
	return -1;
}

int restore_function(const struct roots *roots, const char *address, const struct former *former,
		     json_t *steps, struct failure *f)
{
	struct former before;

	former_read(roots, address, &before);
	if (*before.driver && strcmp(before.driver, former->driver)) {
		if (!is_vfio_driver(before.driver))
			return fail(f, "in-use", NULL,
				    "%s is driven by %s now, which is not a vfio driver; nothing "
				    "was changed",
				    address, before.driver);
		if (check_not_open(roots, address, f))
			return -1;
	}
	if (!strcmp(before.driver, former->driver) && !strcmp(before.override, former->override))
		return 0;
	return move_to(roots, address, former->driver, former->override, steps, f);
}
