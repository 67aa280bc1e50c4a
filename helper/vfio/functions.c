// SPDX-License-Identifier: MIT
#include "vfio/functions.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fields.h"
#include "sysfs/binding_lock.h"
#include "base/json_pairs.h"
#include "sysfs/sysfs_changes.h"

/* More functions than one host can have: a zPCI function id has 32 bits, a machine some hundreds.
 */
#define MAX_FUNCTIONS 4096

/* Kernel text with '?' for everything but printable ASCII, so that the reply is valid UTF-8.
 */
static json_t *text_json(const char *text)
{
	char clean[ATTR_MAX];
	size_t i;

	for (i = 0; text[i] && i < sizeof(clean) - 1; i++)
		clean[i] = isprint((unsigned char)text[i]) ? text[i] : '?';
	clean[i] = '\0';
	return json_string(clean);
}

static json_t *attribute_json(const struct roots *roots, const char *address, const char *name,
			      json_t *unread)
{
	char value[ATTR_MAX];

	if (sysfs_read(roots, address, name, value) < 0) {
		if (errno == ETIMEDOUT)
			json_array_append_new(unread, json_string(name));
		return json_null();
	}
	/* driver_override reads "(null)" when nothing is set (drivers/pci/pci-sysfs.c). */
	if (!strcmp(value, "(null)") || !*value)
		return json_null();
	return text_json(value);
}

static json_t *link_json(const struct roots *roots, const char *address, const char *name)
{
	char base[NAME_MAX + 1];

	return sysfs_link(roots, address, name, base) ? json_null() : text_json(base);
}

/* The group of a function, when there is a file for it. */
static void find_group(const struct roots *roots, const char *address, struct vfio_nodes *nodes)
{
	struct node *node = &nodes->group;
	char group[NAME_MAX + 1];

	if (sysfs_link(roots, address, "iommu_group", group))
		return;
	snprintf(node->name, sizeof(node->name), "vfio/%s", group);
	snprintf(node->attribute, sizeof(node->attribute), "devices/virtual/vfio/%s/dev", group);
	if (!node_exists(roots, node))
		node->name[0] = '\0';
	nodes->group_usable = node_usable(roots, node) && node_usable(roots, &node_container);
}

/* The device file of a function; its attribute is below the function's vfio-dev. */
static void find_cdev(const struct roots *roots, const char *address, struct vfio_nodes *nodes)
{
	struct node *node = &nodes->cdev;
	struct dirent *entry;
	DIR *dir = sysfs_dir(roots, address, "vfio-dev");

	if (!dir)
		return;
	while ((entry = readdir(dir)) && !*node->name) {
		if (strncmp(entry->d_name, "vfio", 4))
			continue;
		node->address = address;
		snprintf(node->name, sizeof(node->name), "vfio/devices/%s", entry->d_name);
		snprintf(node->attribute, sizeof(node->attribute), "vfio-dev/%s/dev",
			 entry->d_name);
	}
	closedir(dir);
	if (!node_exists(roots, node))
		node->name[0] = '\0';
	nodes->cdev_usable = node_usable(roots, node) && node_usable(roots, &node_iommufd);
}

void vfio_nodes_find(const struct roots *roots, const char *address, struct vfio_nodes *nodes)
{
	memset(nodes, 0, sizeof(*nodes));
	find_group(roots, address, nodes);
	find_cdev(roots, address, nodes);
}

bool vfio_uses_cdev(const struct vfio_nodes *nodes)
{
	return *nodes->cdev.name && (nodes->cdev_usable || !*nodes->group.name);
}

const struct node *vfio_companion(const struct vfio_nodes *nodes)
{
	return vfio_uses_cdev(nodes) ? &node_iommufd : &node_container;
}

const struct vfio_driver vfio_drivers[] = {
	{"ism_vfio_pci", "ism-vfio-pci"},
	{"vfio-pci", "vfio-pci"},
	{NULL, NULL},
};

const char *vfio_driver_module(const char *driver)
{
	size_t i;

	for (i = 0; vfio_drivers[i].name; i++)
		if (!strcmp(vfio_drivers[i].name, driver))
			return vfio_drivers[i].module;
	return NULL;
}

bool is_vfio_driver(const char *driver)
{
	return vfio_driver_module(driver) != NULL;
}

static json_t *vfio_json(const struct roots *roots, const char *address, bool is_open)
{
	char driver[NAME_MAX + 1];
	struct vfio_nodes nodes;
	char path[PATH_MAX];
	const struct node *node;
	const char *state;

	vfio_nodes_find(roots, address, &nodes);
	/* The file that vfio_open() takes, so that a user who may not open it reads its name. */
	node = vfio_uses_cdev(&nodes) ? &nodes.cdev : &nodes.group;
	node_path(roots, node, path);
	if (is_open)
		state = "open";
	else if (sysfs_link(roots, address, "driver", driver) || !is_vfio_driver(driver))
		state = "unbound";
	else if (!*node->name || !node_exists(roots, vfio_companion(&nodes)))
		state = "no-node";
	else
		state = nodes.cdev_usable || nodes.group_usable ? "ready" : "no-access";
	return JSON_OBJECT(PAIR_TEXT("state", state),
			   PAIR_TEXT_OR_NULL("node", *node->name ? path : NULL));
}

/*
 * Whether a change of the driver is on its way, or was cut off halfway: by a helper that was
 * killed, which leaves an override that names another driver than the one that has the function.
 */
static const char *change_state(const struct roots *roots, const char *address)
{
	struct binding now;

	binding_read(roots, address, &now);
	if (now.unread || binding_lock_is_held(roots, address))
		return "running";
	return *now.override && strcmp(now.override, now.driver) ? "halfway" : "none";
}

json_t *function_json(const struct roots *roots, const char *address, bool is_open)
{
	static const char *const attributes[][2] = {
		{"vendor", "vendor"},
		{"device", "device"},
		{"fid", "function_id"},
		{"uid", "uid"},
		{"pchid", "pchid"},
		{"pfgid", "pfgid"},
		{"pft", "pft"},
		{"vfn", "vfn"},
		{"port", "port"},
		{"mioEnabled", "mio_enabled"},
		{"uidIsUnique", "uid_is_unique"},
		{"driverOverride", "driver_override"},
	};
	CLEANUP_JSON json_t *result = json_object();
	/* The object has it too, but it grows with each attribute that is read below. */
	CLEANUP_JSON json_t *unread = json_array();
	size_t i;

	if (json_object_set_new(result, "address", json_string(address)) ||
	    json_object_set(result, "unread", unread))
		return NULL;
	for (i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
		if (json_object_set_new(result, attributes[i][0],
					attribute_json(roots, address, attributes[i][1], unread)))
			return NULL;
	if (json_object_set_new(result, "iommuGroup", link_json(roots, address, "iommu_group")) ||
	    json_object_set_new(result, "driver", link_json(roots, address, "driver")) ||
	    json_object_set_new(result, "change", json_string(change_state(roots, address))) ||
	    json_object_set_new(result, "vfio", vfio_json(roots, address, is_open)))
		return NULL;
	return json_take(&result);
}

/* The kernel prints a line of start, end and flags for each resource (Documentation/PCI/sysfs-pci).
 */
static json_t *resources_json(const struct roots *roots, const char *address)
{
	char text[ATTR_MAX];
	json_t *list = json_array();
	char *save = NULL;
	char *line;
	int index = 0;

	if (sysfs_read(roots, address, "resource", text) < 0)
		return list;
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		unsigned long long start;
		unsigned long long end;
		unsigned long long flags;

		if (sscanf(line, "%llx %llx %llx", &start, &end, &flags) == 3 && flags)
			json_array_append_new(list, JSON_OBJECT(PAIR_NUMBER("index", index),
								PAIR_HEX64("start", start),
								PAIR_HEX64("end", end),
								PAIR_HEX64("flags", flags)));
		index++;
	}
	return list;
}

static json_t *util_string_json(const struct roots *roots, const char *address)
{
	char value[ATTR_MAX];
	long len = sysfs_read(roots, address, "util_string", value);
	long i = 0;

	while (i < len && !value[i])
		i++;
	if (len <= 0 || i == len)
		return json_null();
	return data_json((const unsigned char *)value, (size_t)len);
}

json_t *function_describe(const struct roots *roots, const char *address, bool is_open)
{
	char vendor[ATTR_MAX];
	char device[ATTR_MAX];
	json_t *subsystem = json_null();

	if (sysfs_read(roots, address, "subsystem_vendor", vendor) > 0 &&
	    sysfs_read(roots, address, "subsystem_device", device) > 0)
		subsystem = json_sprintf("%.16s:%.16s", vendor, device);
	return JSON_OBJECT(PAIR("function", function_json(roots, address, is_open)),
			   PAIR("class", attribute_json(roots, address, "class", NULL)),
			   PAIR("revision", attribute_json(roots, address, "revision", NULL)),
			   PAIR("subsystem", subsystem),
			   PAIR("utilString", util_string_json(roots, address)),
			   PAIR("resources", resources_json(roots, address)));
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

json_t *functions_find(const struct roots *roots, struct failure *f)
{
	char *names[MAX_FUNCTIONS];
	struct failure ignored;
	struct dirent *entry;
	size_t count = 0;
	json_t *list;
	size_t i;
	DIR *dir = sysfs_dir(roots, NULL, "bus/pci/devices");

	if (!dir && errno != ENOENT) {
		fail_errno(f, errno, "cannot read the list of PCI functions in %s/bus/pci/devices",
			   roots->sysfs);
		return NULL;
	}
	while (dir && count < MAX_FUNCTIONS && (entry = readdir(dir)))
		if (is_address(entry->d_name) && sysfs_is_ism(roots, entry->d_name, &ignored)) {
			names[count] = strdup(entry->d_name);
			if (names[count])
				count++;
		}
	if (dir)
		closedir(dir);
	qsort(names, count, sizeof(names[0]), by_name);
	list = json_array();
	for (i = 0; i < count; i++) {
		json_array_append_new(list, text_json(names[i]));
		free(names[i]);
	}
	return list;
}
