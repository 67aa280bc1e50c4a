// SPDX-License-Identifier: MIT
#include "bind/module_files.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "vfio/window.h"

/* Whether two names are of one module: '-' and '_' are the same in them. */
static bool same_name(const char *a, const char *b, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (a[i] != b[i] && !((a[i] == '-' || a[i] == '_') && (b[i] == '-' || b[i] == '_')))
			return false;
	return true;
}

/* Whether a line begins with the file of the module: "kernel/drivers/.../NAME.ko.xz:". */
static bool names_module(char *line, const char *module)
{
	size_t len = strlen(module);
	const char *base;

	line[strcspn(line, ":\n")] = '\0';
	base = strrchr(line, '/');
	base = base ? base + 1 : line;
	return strlen(base) > len && same_name(base, module, len) &&
	       !strncmp(base + len, ".ko", strlen(".ko"));
}

static enum module_presence search_module_list(const char *folder, const char *release,
					       const char *list, const char *module)
{
	enum module_presence found = MODULE_ABSENT;
	char path[PATH_MAX];
	char line[4096];
	bool begins = true;
	FILE *file;

	if (snprintf(path, sizeof(path), "%s/%s/%s", folder, release, list) >= (int)sizeof(path))
		return MODULE_UNKNOWN;
	file = fopen(path, "re");
	if (!file)
		return MODULE_UNKNOWN;
	/* What depends on much has long lines, of which only the begin counts. */
	while (found == MODULE_ABSENT && fgets(line, sizeof(line), file)) {
		bool ends = strchr(line, '\n') != NULL;

		if (begins && names_module(line, module))
			found = MODULE_PRESENT;
		begins = ends;
	}
	fclose(file);
	return found;
}

enum module_presence module_presence(const char *folder, const char *module)
{
	enum module_presence file;
	enum module_presence built_in;
	struct utsname un;

	if (!folder || uname(&un))
		return MODULE_UNKNOWN;
	file = search_module_list(folder, un.release, "modules.dep", module);
	built_in = search_module_list(folder, un.release, "modules.builtin", module);
	if (file == MODULE_PRESENT || built_in == MODULE_PRESENT)
		return MODULE_PRESENT;
	return file == MODULE_ABSENT ? MODULE_ABSENT : MODULE_UNKNOWN;
}

struct module_sentence module_advice(const char *folder, const char *driver, const char *module)
{
	const char *needs = strcmp(driver, ISM_VFIO_DRIVER)
				    ? "a kernel with CONFIG_VFIO_PCI"
				    : "Linux 7.2 or newer with CONFIG_ISM_VFIO_PCI";
	enum module_presence presence = module_presence(folder, module);
	struct module_sentence s;
	struct utsname un = {0};

	uname(&un);
	if (presence == MODULE_ABSENT)
		snprintf(s.text, sizeof(s.text),
			 "the driver %s is not loaded, and the kernel of this host (%.64s) has no "
			 "module %s: the module needs %s",
			 driver, un.release, module, needs);
	else if (presence == MODULE_PRESENT)
		snprintf(s.text, sizeof(s.text),
			 "the driver %s is not loaded on this host; run 'modprobe %s' there and "
			 "try again",
			 driver, module);
	else
		snprintf(s.text, sizeof(s.text),
			 "the driver %s is not loaded on this host; run 'modprobe %s' there and "
			 "try again (it needs %s; this is %.64s)",
			 driver, module, needs, un.release);
	return s;
}
