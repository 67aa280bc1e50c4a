// SPDX-License-Identifier: MIT
/* Which PCI functions are ISM's, and how their files are called. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sysfs/sysfs.h"

bool sysfs_path(const struct roots *roots, const char *address, const char *leaf,
		char path[PATH_MAX])
{
	int n = snprintf(path, PATH_MAX, "%s/bus/pci/devices/%s%s%s", roots->sysfs, address,
			 *leaf ? "/" : "", leaf);

	return n > 0 && n < PATH_MAX;
}

bool sysfs_is_ism(const struct roots *roots, const char *address, struct failure *f)
{
	char vendor[ATTR_MAX];
	char device[ATTR_MAX];

	if (sysfs_read(roots, address, "vendor", vendor) < 0 ||
	    sysfs_read(roots, address, "device", device) < 0) {
		if (errno == ENOENT)
			fail(f, "ENODEV", NULL,
			     "this host has no PCI function %s; refresh the list of functions",
			     address);
		else if (errno == ETIMEDOUT)
			fail(f, "ETIMEDOUT", NULL,
			     "the kernel does not return the ids of PCI function %s now; try again "
			     "in a moment",
			     address);
		else
			fail_errno(f, errno, "cannot read the ids of PCI function %s", address);
		return false;
	}
	if (strcmp(vendor, ISM_VENDOR) || strcmp(device, ISM_DEVICE)) {
		fail(f, "not-ism", NULL,
		     "PCI function %s is %.10s:%.10s, not an ISM function (0x1014:0x04ed)", address,
		     vendor, device);
		return false;
	}
	return true;
}
