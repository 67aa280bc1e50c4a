// SPDX-License-Identifier: MIT
/* Replaces sysfs.c, node.c, binding_lock.c, call_timeout.c, vfio_users.c and caller.c. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/caller.h"
#include "vfio/vfio_users.h"
#include "sysfs/binding_lock.h"
#include "sysfs/node.h"
#include "base/call_timeout.h"
#include "world.h"

static const char *const drivers[] = {"ism_vfio_pci", "ism", "vfio-pci", "my_ism"};

/* The functions of this host; the last one is not ISM's. */
static const char *const addresses[] = {"0051:00:00.0", "0052:00:00.0", "0053:00:00.0"};

bool roots_are_host(const struct roots *roots)
{
	(void)roots;
	return true;
}

static int known(const char *address)
{
	size_t i;

	for (i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++)
		if (!strcmp(address, addresses[i]))
			return (int)i;
	return -1;
}

static const char *healthy(const char *address, const char *name)
{
	int which = address ? known(address) : 0;

	if (which < 0)
		return NULL;
	if (!strcmp(name, "vendor"))
		return which == 2 ? "0x15b3" : "0x1014";
	if (!strcmp(name, "device"))
		return "0x04ed";
	if (!strcmp(name, "driver_override"))
		return "(null)";
	if (!strcmp(name, "resource"))
		return "0x1000 0x1fff 0x40200\n0x0 0x0 0x0\n0x2000 0x2fff 0x40200";
	if (strstr(name, "gid"))
		return "0a156d00-0000-0001-0000-000000000000";
	if (strstr(name, "initstate"))
		return "live";
	if (strstr(name, "refcnt"))
		return "0";
	return "0x61";
}

long sysfs_read(const struct roots *roots, const char *address, const char *name,
		char value[ATTR_MAX])
{
	static const int errors[] = {ENOENT, EIO, EACCES, ETIMEDOUT};
	const char *text = healthy(address, name);
	uint8_t byte = world_byte();
	long len;

	(void)roots;
	if (!text || byte >= 250) {
		errno = text ? errors[byte & 3] : ENOENT;
		return -1;
	}
	if (byte < 224) {
		strcpy(value, text);
		return (long)strlen(value);
	}
	len = (long)world_bytes(value, (byte & 15) * 130u);
	while (len > 0 && value[len - 1] == '\n')
		len--;
	value[len] = '\0';
	return len;
}

void sysfs_read_end(void)
{
}

int sysfs_link(const struct roots *roots, const char *address, const char *name,
	       char base[NAME_MAX + 1])
{
	uint8_t byte = world_byte();

	(void)roots;
	if (byte >= 224 || (address && known(address) < 0)) {
		errno = ENOENT;
		return -1;
	}
	strcpy(base, strcmp(name, "driver") ? "7" : drivers[byte & 3]);
	return 0;
}

int sysfs_open(const struct roots *roots, const char *address, const char *name, int flags)
{
	(void)roots;
	(void)address;
	(void)name;
	(void)flags;
	errno = EACCES;
	return -1;
}

bool sysfs_exists(const struct roots *roots, const char *address, const char *name)
{
	(void)roots;
	(void)address;
	(void)name;
	return world_byte() < 224;
}

/* A folder that is being listed: entries of every kind that is looked for. */
static struct listing {
	const char *folder; /* NULL: not in use */
	size_t next;
	struct dirent entry;
} listings[4];

static const char *const entries[][2] = {
	{"devices", "0051:00:00.0"}, {"devices", "0052:00:00.0"},
	{"devices", "0053:00:00.0"}, {"devices", "x"},
	{"vfio-dev", "vfio0"},	     {"dibs", "ism0"},
	{"drivers", "pci:my_ism"},   {"drivers", "platform:x"},
	{"holders", "kvm"},
};

#define ENTRIES (sizeof(entries) / sizeof(entries[0]))

DIR *sysfs_dir(const struct roots *roots, const char *address, const char *name)
{
	const char *base = strrchr(name, '/');
	size_t i;

	(void)roots;
	(void)address;
	base = base ? base + 1 : name;
	if (world_byte() >= 240) {
		errno = EACCES;
		return NULL;
	}
	for (i = 0; listings[i].folder; i++)
		if (i == 3)
			abort();
	listings[i].next = 0;
	for (size_t j = 0; j < ENTRIES; j++)
		if (!strcmp(entries[j][0], base))
			listings[i].folder = entries[j][0];
	if (!listings[i].folder) {
		errno = ENOENT;
		return NULL;
	}
	return (DIR *)&listings[i];
}

struct dirent *world_readdir(DIR *dir)
{
	struct listing *l = (struct listing *)dir;

	while (l->next < ENTRIES) {
		const char *const *entry = entries[l->next++];

		if (strcmp(entry[0], l->folder))
			continue;
		strcpy(l->entry.d_name, entry[1]);
		return &l->entry;
	}
	return NULL;
}

int world_closedir(DIR *dir)
{
	((struct listing *)dir)->folder = NULL;
	return 0;
}

const struct node node_container = {.name = "vfio/vfio"};
const struct node node_iommufd = {.name = "iommu"};
const struct node node_kmsg = {.name = "kmsg"};

void node_path(const struct roots *roots, const struct node *node, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%s", roots->dev, node->name);
}

int node_open(const struct roots *roots, const struct node *node, int flags)
{
	(void)roots;
	(void)node;
	(void)flags;
	return world_socket(0, 0, 0);
}

bool node_exists(const struct roots *roots, const struct node *node)
{
	(void)roots;
	return *node->name && world_byte() < 224;
}

bool node_usable(const struct roots *roots, const struct node *node)
{
	return node_exists(roots, node);
}

void binding_lock_take(struct binding_lock *lock, const struct roots *roots, const char *address)
{
	(void)roots;
	lock->fd = world_socket(0, 0, 0);
	if (lock->fd < 0)
		fail(&lock->why, "EBUSY", NULL, "%s is locked", address);
}

void binding_lock_release(struct binding_lock *lock)
{
	lock->fd = -1;
}

bool binding_lock_is_held(const struct roots *roots, const char *address)
{
	(void)roots;
	(void)address;
	return world_byte() > 224;
}

/* Writes and loads nothing, only returns a result. */
int call_with_timeout(int (*call)(const void *argument), const void *argument, int keep,
		      int limit_ms)
{
	static const int errors[] = {EINPROGRESS, EAGAIN, EACCES, ENOENT,
				     ENODEV,	  EIO,	  EBUSY,  EEXIST};
	uint8_t byte = world_byte();

	(void)call;
	(void)argument;
	(void)keep;
	(void)limit_ms;
	errno = errors[byte & 7];
	return byte < 192 ? 0 : -1;
}

int vfio_users_find(const struct roots *roots, const char *address, struct vfio_users *holders)
{
	(void)roots;
	(void)address;
	memset(holders, 0, sizeof(*holders));
	holders->count = world_byte() > 224;
	snprintf(holders->found[0].comm, sizeof(holders->found[0].comm), "python3");
	return world_byte() > 250 ? -1 : 0;
}

int caller_identify(void)
{
	return 0;
}

bool caller_is_root(void)
{
	return true;
}

int root_required(struct failure *f)
{
	(void)f;
	return 0;
}
