// SPDX-License-Identifier: MIT
#include "kernel/modules.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fields.h"
#include "base/sha256.h"
#include "base/json_pairs.h"
#include "base/call_timeout.h"

static const char name_letters[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

bool is_module_name(const char *name)
{
	size_t len = strlen(name);

	return len && len <= MODULE_NAME_MAX && strspn(name, name_letters) == len;
}

/* A name below sysfs; module names have at most MODULE_NAME_MAX letters. */
struct module_name {
	char text[2 * NAME_MAX];
};

static struct module_name module_name(const char *name, const char *leaf)
{
	struct module_name n;

	snprintf(n.text, sizeof(n.text), "module/%.64s%s%.64s", name, *leaf ? "/" : "", leaf);
	return n;
}

/* An attribute of a module without its newline; false when there is none. */
static bool module_attribute(const struct roots *roots, const char *name, const char *leaf,
			     char *value, size_t room)
{
	struct module_name path = module_name(name, leaf);
	char text[ATTR_MAX];

	if (sysfs_read(roots, NULL, path.text, text) < 0)
		return false;
	text[strcspn(text, "\n")] = '\0';
	return snprintf(value, room, "%s", text) < (int)room;
}

/* Names in a directory of sysfs for which @take is true, at most MODULE_LIST_MAX, sorted by
 * nothing. */
static json_t *names_in(const struct roots *roots, const char *path, bool (*take)(const char *name))
{
	json_t *names = json_array();
	struct dirent *entry;
	DIR *dir = sysfs_dir(roots, NULL, path);

	if (!dir)
		return names;
	while ((entry = readdir(dir)) && json_array_size(names) < MODULE_LIST_MAX)
		if (take(entry->d_name))
			json_array_append_new(names, json_string(entry->d_name));
	closedir(dir);
	return names;
}

/* /sys/module/NAME/drivers has a link for each driver, called BUS:DRIVER. */
static bool is_pci_driver(const char *name)
{
	return !strncmp(name, "pci:", 4) && name[4] && strspn(name + 4, "-_.,+") < strlen(name + 4);
}

static json_t *drivers_json(const struct roots *roots, const char *name)
{
	json_t *drivers = json_array();
	char path[2 * NAME_MAX];
	json_t *names = names_in(roots, module_name(name, "drivers").text, is_pci_driver);
	json_t *item;
	size_t i;

	json_array_foreach (names, i, item) {
		const char *driver = json_string_value(item) + 4;

		if (snprintf(path, sizeof(path), "bus/pci/drivers/%s", driver) >= (int)sizeof(path))
			continue;
		json_array_append_new(
			drivers, JSON_OBJECT(PAIR_TEXT("name", driver),
					     PAIR("functions", names_in(roots, path, is_address))));
	}
	json_decref(names);
	return drivers;
}

json_t *module_json(const struct roots *roots, const char *name)
{
	char state[32] = "";
	char refs[32] = "0";
	/* A loadable module has a state; a built-in one has parameters at most. */
	bool loaded = module_attribute(roots, name, "initstate", state, sizeof(state));
	bool known = sysfs_exists(roots, NULL, module_name(name, "").text);
	json_t *holders = names_in(roots, module_name(name, "holders").text, is_module_name);

	if (loaded)
		module_attribute(roots, name, "refcnt", refs, sizeof(refs));
	return JSON_OBJECT(PAIR_TEXT("name", name), PAIR_BOOL("loaded", loaded),
			   PAIR_BOOL("builtIn", known && !loaded), PAIR_TEXT("state", state),
			   PAIR_NUMBER("references", strtol(refs, NULL, 10)),
			   PAIR("holders", holders), PAIR("drivers", drivers_json(roots, name)));
}

/* The first function that is bound to a driver of the module, or NULL. */
static const char *bound_function(const json_t *module)
{
	json_t *driver;
	size_t i;

	json_array_foreach (json_object_get(module, "drivers"), i, driver) {
		const json_t *first = json_array_get(json_object_get(driver, "functions"), 0);

		if (first)
			return json_string_value(first);
	}
	return NULL;
}

static int delete_call(const void *name)
{
	/* O_NONBLOCK: a module in use is refused and not waited for (delete_module(2)). */
	return (int)syscall(SYS_delete_module, name, O_NONBLOCK);
}

int module_remove(const struct roots *roots, const char *name, struct failure *f)
{
	json_t *module = module_json(roots, name);
	const char *bound = bound_function(module);
	int err = 0;

	if (bound)
		err = fail(f, "in-use", NULL,
			   "%s is still bound to the module %s; restore its driver first", bound,
			   name);
	else if (!json_boolean_value(json_object_get(module, "loaded")))
		err = fail(f, "ENOENT", NULL, "the module %s is not loaded", name);
	json_decref(module);
	if (err)
		return -1;
	if (!call_with_timeout(delete_call, name, -1, MODULE_LIMIT_MS))
		return 0;
	if (errno == EWOULDBLOCK)
		return fail(f, "in-use", NULL,
			    "the module %s is in use; close what has its devices open", name);
	if (errno == EINPROGRESS)
		return fail(f, "EINPROGRESS", NULL,
			    "the kernel has not removed the module %s within %d s; the removal "
			    "continues",
			    name, MODULE_LIMIT_MS / 1000);
	return fail_errno(f, errno, "cannot remove the module %s", name);
}

int module_image_add(struct module_image *image, const unsigned char *data, size_t len,
		     struct failure *f)
{
	unsigned char *more;

	if (len > MODULE_IMAGE_MAX - image->len)
		return fail(f, "EFBIG", NULL, "a module has at most %u MiB",
			    MODULE_IMAGE_MAX >> 20);
	more = realloc(image->data, image->len + len + 1);
	if (!more)
		return fail(f, "ENOMEM", NULL, "cannot allocate memory for the module");
	memcpy(more + image->len, data, len);
	image->data = more;
	image->len += len;
	return 0;
}

void module_image_clear(struct module_image *image)
{
	free(image->data);
	image->data = NULL;
	image->len = 0;
}

struct insertion {
	const struct module_image *image;
	const char *parameters;
};

static int insert_call(const void *argument)
{
	const struct insertion *one = argument;

	return (int)syscall(SYS_init_module, one->image->data, one->image->len, one->parameters);
}

int module_insert(const struct module_image *image, const char *sha256, const char *parameters,
		  struct failure *f)
{
	const struct insertion one = {image, parameters};
	char sum[SHA256_DIGITS + 1];

	sha256_hex(image->data, image->len, sum);
	if (strcmp(sum, sha256))
		return fail(f, "EBADMSG", NULL,
			    "the module was damaged on its way and was not loaded; try again");
	if (!call_with_timeout(insert_call, &one, -1, MODULE_LIMIT_MS))
		return 0;
	switch (errno) {
	case ENOEXEC:
		return fail(f, "ENOEXEC", NULL,
			    "the kernel refuses the module: it was built for another kernel or "
			    "another architecture");
	case ENOENT:
		return fail(f, "ENOENT", NULL,
			    "the module needs a symbol that no loaded module exports; load its "
			    "dependencies first");
	case EKEYREJECTED:
	case EPERM:
		return fail(f, errno_name(errno), NULL,
			    "this kernel loads only signed modules, or module loading is disabled");
	case EEXIST:
		return fail(f, "EEXIST", NULL, "a module of this name is loaded already");
	case EINPROGRESS:
		return fail(f, "EINPROGRESS", NULL,
			    "the module has not finished loading within %d s; loading continues",
			    MODULE_LIMIT_MS / 1000);
	default:
		return fail_errno(f, errno, "cannot load the module");
	}
}

int modules_available(const struct roots *roots, struct failure *f)
{
	if (roots_are_host(roots))
		return 0;
	return fail(f, "ENOTSUP", NULL,
		    "modules belong to the running kernel, but this helper was started for another "
		    "sysfs tree");
}
