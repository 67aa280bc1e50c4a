// SPDX-License-Identifier: MIT
#include "bind/plan.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/fields.h"
#include "vfio/functions.h"
#include "base/json_pairs.h"
#include "bind/module_files.h"

static void plan_warn(struct plan *plan, enum warning_level level, const char *code,
		      const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static void plan_warn(struct plan *plan, enum warning_level level, const char *code,
		      const char *fmt, ...)
{
	struct warning *w = &plan->warnings[plan->warning_count];
	char text[sizeof(w->why.message)];
	va_list ap;

	if (plan->warning_count == WARNINGS_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	w->level = level;
	fail(&w->why, code, NULL, "%s", text);
	plan->warning_count++;
}

static void warn_of_missing_driver(struct plan *plan, const struct roots *roots)
{
	const char *driver = plan->wanted.driver;
	const char *module = vfio_driver_module(driver);
	char name[NAME_MAX + 32];

	snprintf(name, sizeof(name), "bus/pci/drivers/%s", driver);
	if (sysfs_exists(roots, NULL, name))
		return;
	if (!module)
		plan_warn(plan, WARN_REFUSE, "ENOENT",
			  "the driver %s is not loaded on this host; load its module and try again",
			  driver);
	else
		plan_warn(plan, WARN_REFUSE, "ENOENT", "%s",
			  module_advice(roots->modules, driver, module).text);
}

static void warn_of_smc(struct plan *plan)
{
	const struct usage *usage = &plan->usage;
	const char *driver = plan->present.driver;
	char connections[64] = "an unknown number of connections";

	if (!*driver && usage->smc == USE_BUSY) {
		plan_warn(plan, WARN_REFUSE, "EBUSY",
			  "%s is still being unbound: the kernel waits for local programs to close "
			  "the sockets of its %" PRIu32 " SMC-D link group%s",
			  plan->address, usage->groups, usage->groups == 1 ? "" : "s");
		return;
	}
	/* Without a driver there is no user, and SMC does not use functions of vfio drivers. */
	if (!*driver || (is_vfio_driver(driver) && usage->smc != USE_BUSY))
		return;
	if (usage->connections >= 0)
		snprintf(connections, sizeof(connections), "%ld connection%s now",
			 usage->connections, usage->connections == 1 ? "" : "s");
	if (usage->smc == USE_BUSY && !usage->connections)
		plan_warn(plan, WARN_FORCE, "in-use",
			  "%s is bound to %s and has %" PRIu32
			  " SMC-D link group%s without connections, kept for reuse for ten "
			  "minutes; unbinding ends them, and the kernel does not refuse it",
			  plan->address, driver, usage->groups, usage->groups == 1 ? "" : "s");
	else if (usage->smc == USE_BUSY)
		plan_warn(plan, WARN_FORCE, "in-use",
			  "%s is bound to %s and carries %" PRIu32
			  " SMC-D link group%s with %s; the kernel does not refuse an unbind: it "
			  "cuts the connections without notice to either side, and waits for local "
			  "programs to close their sockets",
			  plan->address, driver, usage->groups, usage->groups == 1 ? "" : "s",
			  connections);
	else if (usage->smc == USE_UNKNOWN)
		plan_warn(plan, WARN_FORCE, "in-use",
			  "%s is bound to %s, and its use is unknown: %s", plan->address, driver,
			  usage->smc_why.message);
	else if (strcmp(driver, "ism"))
		plan_warn(
			plan, WARN_FORCE, "in-use",
			"%s is bound to %s, and its use is unknown: only the driver ism reports it",
			plan->address, driver);
	else
		plan_warn(plan, WARN_NOTE, "driven",
			  "%s is bound to ism; no SMC-D link group uses it now", plan->address);
}

/* An override that could not be read cannot be restored. */
static void warn_of_unread(struct plan *plan)
{
	if (plan->present.unread)
		plan_warn(plan, WARN_REFUSE, "ETIMEDOUT",
			  "the kernel does not return the driver_override of %s now, probably "
			  "because it is unbinding the function; try again when the unbind has "
			  "finished",
			  plan->address);
}

static void warn_of_vfio(struct plan *plan)
{
	const struct usage *usage = &plan->usage;
	char text[200];

	usage_vfio_users_text(usage, text, sizeof(text));
	if (usage->here)
		plan_warn(plan, WARN_REFUSE, "EBUSY", "%s is open in this session; close it first",
			  plan->address);
	else if (usage->vfio == USE_BUSY)
		plan_warn(plan, WARN_REFUSE, "EBUSY",
			  "%s is open in another process, and the kernel would wait for it; close "
			  "it there and try again: %s",
			  plan->address, text);
	else if (usage->vfio == USE_UNKNOWN)
		plan_warn(plan, WARN_REFUSE, usage->vfio_why.code,
			  "cannot determine whether %s is open elsewhere: %s", plan->address,
			  usage->vfio_why.message);
}

/* A vfio group can be used only while no member is with another kind of driver. */
static void warn_of_group(struct plan *plan, const struct roots *roots)
{
	char group[NAME_MAX + 1];
	char name[NAME_MAX + 64];
	struct dirent *entry;
	DIR *dir;

	if (sysfs_link(roots, plan->address, "iommu_group", group))
		return;
	snprintf(name, sizeof(name), "kernel/iommu_groups/%s/devices", group);
	dir = sysfs_dir(roots, NULL, name);
	while (dir && (entry = readdir(dir))) {
		struct binding other;

		if (!is_address(entry->d_name) || !strcmp(entry->d_name, plan->address))
			continue;
		binding_read(roots, entry->d_name, &other);
		if (*other.driver && !is_vfio_driver(other.driver))
			plan_warn(plan, WARN_NOTE, "group-shared",
				  "the IOMMU group of %s also has %s, which is bound to %s; the "
				  "group cannot be opened until that function is bound to a vfio "
				  "driver or unbound",
				  plan->address, entry->d_name, other.driver);
	}
	if (dir)
		closedir(dir);
}

/* FNV-1a: distinguishes states; a collision on purpose would gain nothing. */
static void fnv1a_update(uint64_t *hash, const char *text)
{
	do {
		*hash ^= (unsigned char)*text;
		*hash *= 0x100000001b3;
	} while (*text++);
}

static void plan_make_token(struct plan *plan)
{
	uint64_t hash = 0xcbf29ce484222325;
	size_t i;

	fnv1a_update(&hash, plan->address);
	fnv1a_update(&hash, plan->present.driver);
	fnv1a_update(&hash, plan->present.override);
	for (i = 0; i < plan->writes.count; i++) {
		fnv1a_update(&hash, plan->writes.list[i].path);
		fnv1a_update(&hash, plan->writes.list[i].text);
	}
	/* The kinds of warnings, not their numbers: connections come and go. */
	for (i = 0; i < plan->warning_count; i++)
		fnv1a_update(&hash, plan->warnings[i].why.code);
	snprintf(plan->token, sizeof(plan->token), "%016" PRIx64, hash);
}

/* Fills @plan with the present state, which is also the wanted one for now. */
static void plan_begin(struct plan *plan, const struct roots *roots, const char *address,
		       const struct smc_view *view, bool open_here)
{
	memset(plan, 0, sizeof(*plan));
	plan->address = address;
	binding_read(roots, address, &plan->present);
	plan->wanted = plan->present;
	usage_find(roots, address, view, open_here, &plan->usage);
}

static int plan_writes(struct plan *plan, const struct roots *roots, struct failure *f)
{
	if (sysfs_changes_between(roots, plan->address, &plan->present, &plan->wanted,
				  &plan->writes, f) ||
	    sysfs_changes_between(roots, plan->address, &plan->wanted, &plan->present,
				  &plan->rollback, f))
		return -1;
	return 0;
}

int plan_bind(struct plan *plan, const struct roots *roots, const char *address, const char *driver,
	      const struct smc_view *view, bool open_here, struct failure *f)
{
	plan_begin(plan, roots, address, view, open_here);
	/* Bound as requested: the override stays too, no matter who set it. */
	if (strcmp(plan->present.driver, driver)) {
		snprintf(plan->wanted.driver, sizeof(plan->wanted.driver), "%s", driver);
		snprintf(plan->wanted.override, sizeof(plan->wanted.override), "%s", driver);
	}
	if (plan_writes(plan, roots, f))
		return -1;
	if (!strcmp(plan->present.driver, driver))
		plan_warn(plan, WARN_NOTE, "already-bound", "%s is bound to %s already", address,
			  driver);
	else
		warn_of_missing_driver(plan, roots);
	if (plan->writes.count) {
		warn_of_smc(plan);
		warn_of_vfio(plan);
		warn_of_group(plan, roots);
		warn_of_unread(plan);
	}
	plan_make_token(plan);
	return 0;
}

int plan_restore(struct plan *plan, const struct roots *roots, const char *address,
		 const struct binding *former, const struct smc_view *view, bool open_here,
		 struct failure *f)
{
	const char *present = plan->present.driver;
	const char *wanted = plan->wanted.driver;

	plan_begin(plan, roots, address, view, open_here);
	plan->wanted = *former;
	if (plan_writes(plan, roots, f))
		return -1;
	if (!plan->writes.count)
		plan_warn(plan, WARN_NOTE, "already-restored", "%s is in its former state already",
			  address);
	/* A changed override alone unbinds nothing. */
	if (strcmp(present, wanted)) {
		if (*present && !is_vfio_driver(present))
			plan_warn(plan, WARN_REFUSE, "in-use",
				  "%s is bound to %s, which is not a vfio driver; unbind it before "
				  "restoring",
				  address, present);
		if (*wanted)
			warn_of_missing_driver(plan, roots);
		warn_of_smc(plan);
		warn_of_vfio(plan);
		if (is_vfio_driver(wanted))
			warn_of_group(plan, roots);
	}
	if (plan->writes.count)
		warn_of_unread(plan);
	plan_make_token(plan);
	return 0;
}

const struct warning *plan_objection(const struct plan *plan, enum warning_level level)
{
	const struct warning *gravest = NULL;
	size_t i;

	for (i = 0; i < plan->warning_count; i++)
		if (plan->warnings[i].level >= level &&
		    (!gravest || plan->warnings[i].level > gravest->level))
			gravest = &plan->warnings[i];
	return gravest;
}

json_t *plan_json(const struct plan *plan)
{
	static const char *const levels[] = {"note", "force", "refuse"};
	const struct warning *gravest = plan_objection(plan, WARN_NOTE);
	json_t *warnings = json_array();
	size_t i;

	for (i = 0; i < plan->warning_count; i++)
		json_array_append_new(
			warnings, JSON_OBJECT(PAIR_TEXT("level", levels[plan->warnings[i].level]),
					      PAIR_TEXT("code", plan->warnings[i].why.code),
					      PAIR_TEXT("message", plan->warnings[i].why.message)));
	return JSON_OBJECT(
		PAIR_TEXT("address", plan->address),
		PAIR_TEXT_OR_NULL("driver", plan->wanted.driver),
		PAIR("present",
		     JSON_OBJECT(PAIR_TEXT_OR_NULL("driver", plan->present.driver),
				 PAIR_TEXT_OR_NULL("driverOverride", plan->present.override))),
		PAIR("writes", sysfs_changes_json(&plan->writes)),
		PAIR("rollback", sysfs_changes_json(&plan->rollback)), PAIR("warnings", warnings),
		PAIR_TEXT("gravest", gravest ? levels[gravest->level] : "note"),
		PAIR("usage", usage_json(plan->address, &plan->usage)),
		PAIR_TEXT("plan", plan->token));
}
