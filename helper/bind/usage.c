// SPDX-License-Identifier: MIT
#include "bind/usage.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json_pairs.h"
#include "vfio/vfio.h"

void usage_query_smc(const struct roots *roots, struct smc_view *view, bool with_groups)
{
	if (roots_are_host(roots)) {
		smc_query(view, with_groups);
		return;
	}
	memset(view, 0, sizeof(*view));
	view->answer = SMC_UNKNOWN;
	fail(&view->why, "ENOTSUP", NULL,
	     "SMC describes the functions of %s, but this helper was started for another sysfs "
	     "tree",
	     HOST_SYSFS);
}

/* The first 64 bits of a GID that is printed as a UUID (drivers/dibs/dibs_main.c, gid_show()). */
static bool parse_gid(const char *text, uint64_t *gid)
{
	int digits = 0;

	for (*gid = 0; *text && digits < 16; text++) {
		if (*text == '-')
			continue;
		if (!isxdigit((unsigned char)*text))
			return false;
		*gid = *gid << 4 | (uint64_t)(isdigit((unsigned char)*text)
						      ? *text - '0'
						      : tolower((unsigned char)*text) - 'a' + 10);
		digits++;
	}
	return digits == 16;
}

/* The GID of a function, which kernels with DIBS have in <function>/dibs/<name>/gid. */
static bool read_gid(const struct roots *roots, const char *address, uint64_t *gid)
{
	char path[NAME_MAX + 16];
	char value[ATTR_MAX];
	struct dirent *entry;
	bool known = false;
	DIR *dir = sysfs_dir(roots, address, "dibs");

	if (!dir)
		return false;
	while (!known && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "dibs/%s/gid", entry->d_name);
		known = sysfs_read(roots, address, path, value) > 0 && parse_gid(value, gid);
	}
	closedir(dir);
	return known;
}

static void find_smc(const struct roots *roots, const char *address, const struct smc_view *view,
		     struct usage *usage)
{
	size_t listed = 0;
	size_t lingering = 0;
	long connections = 0;
	uint64_t gid;
	size_t i;

	if (view->answer == SMC_UNKNOWN) {
		usage->smc = USE_UNKNOWN;
		usage->smc_why = view->why;
		usage->connections = usage->lingering = -1;
		return;
	}
	for (i = 0; i < view->device_count; i++)
		if (!strcmp(view->devices[i].address, address))
			usage->groups = view->devices[i].groups;
	if (!usage->groups)
		return;
	usage->smc = USE_BUSY;
	usage->connections = usage->lingering = -1;
	if (!read_gid(roots, address, &gid))
		return;
	for (i = 0; i < view->group_count; i++) {
		if (view->groups[i].gid != gid)
			continue;
		listed++;
		connections += view->groups[i].connections;
		lingering += !view->groups[i].connections;
	}
	/*
	 * With several devices the kernel's dump can leave groups out: its position in the list of
	 * groups is kept from one device to the next (net/smc/smc_core.c,
	 * smc_nl_handle_smcd_lgr()). A number that may be too small is not reported.
	 */
	if (listed < usage->groups)
		return;
	usage->connections = connections;
	usage->lingering = (long)lingering;
}

static void find_vfio(const struct roots *roots, const char *address, struct usage *usage)
{
	bool busy = false;

	if (vfio_users_find(roots, address, &usage->holders))
		fail_errno(&usage->vfio_why, errno, "cannot read the list of processes");
	if (usage->holders.count || usage->here) {
		usage->vfio = USE_BUSY;
		return;
	}
	/* Some processes may be invisible to this user: only the device itself is certain. */
	if (vfio_is_open_elsewhere(roots, address, &busy, &usage->vfio_why))
		usage->vfio = USE_UNKNOWN;
	else if (busy)
		usage->vfio = USE_BUSY;
}

void usage_find(const struct roots *roots, const char *address, const struct smc_view *view,
		bool open_here, struct usage *usage)
{
	memset(usage, 0, sizeof(*usage));
	usage->here = open_here;
	find_smc(roots, address, view, usage);
	find_vfio(roots, address, usage);
}

void usage_vfio_users_text(const struct usage *usage, char *text, size_t size)
{
	size_t used = 0;
	size_t i;

	snprintf(text, size, "another process");
	for (i = 0; i < usage->holders.count && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s (pid %d)", i ? ", " : "",
					 usage->holders.found[i].comm,
					 (int)usage->holders.found[i].pid);
}

static const char *use_word(enum use use)
{
	return use == USE_FREE ? "free" : use == USE_BUSY ? "in-use" : "unknown";
}

static json_t *count_or_null(long count)
{
	return count < 0 ? json_null() : json_integer(count);
}

json_t *usage_json(const char *address, const struct usage *usage)
{
	json_t *holders = json_array();
	enum use all = USE_FREE;
	size_t i;

	for (i = 0; i < usage->holders.count; i++)
		json_array_append_new(
			holders,
			JSON_OBJECT(PAIR_NUMBER("pid", usage->holders.found[i].pid),
				    PAIR_TEXT("comm", usage->holders.found[i].comm),
				    PAIR_BOOL("here", usage->holders.found[i].pid == getpid())));
	if (usage->smc == USE_BUSY || usage->vfio == USE_BUSY)
		all = USE_BUSY;
	else if (usage->smc == USE_UNKNOWN || usage->vfio == USE_UNKNOWN)
		all = USE_UNKNOWN;
	return JSON_OBJECT(
		PAIR_TEXT("address", address), PAIR_TEXT("state", use_word(all)),
		PAIR("smc", JSON_OBJECT(PAIR_TEXT("state", use_word(usage->smc)),
					PAIR("linkGroups", usage->smc == USE_UNKNOWN
								   ? json_null()
								   : json_integer(usage->groups)),
					PAIR("connections", count_or_null(usage->connections)),
					PAIR("lingering", count_or_null(usage->lingering)),
					PAIR_TEXT_OR_NULL("why", usage->smc == USE_UNKNOWN
									 ? usage->smc_why.message
									 : NULL))),
		PAIR("vfio", JSON_OBJECT(PAIR_TEXT("state", use_word(usage->vfio)),
					 PAIR("holders", holders),
					 PAIR_NUMBER("unseen", usage->holders.unseen),
					 PAIR_TEXT_OR_NULL("why", usage->vfio == USE_UNKNOWN
									  ? usage->vfio_why.message
									  : NULL))));
}
