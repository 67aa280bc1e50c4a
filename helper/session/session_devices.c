// SPDX-License-Identifier: MIT
#include "session/session_devices.h"

#include <string.h>

#include "base/fields.h"

struct vfio_device *session_devices_find(struct session_devices *open, const char *address)
{
	size_t i;

	for (i = 0; i < MAX_DEVICES; i++)
		if (open->devices[i].used && !strcmp(open->devices[i].address, address))
			return &open->devices[i];
	return NULL;
}

struct vfio_device *session_devices_free(struct session_devices *open, struct failure *f)
{
	size_t i;

	for (i = 0; i < MAX_DEVICES; i++)
		if (!open->devices[i].used)
			return &open->devices[i];
	fail(f, "EMFILE", NULL, "this session has %d functions open; close one first", MAX_DEVICES);
	return NULL;
}

size_t session_devices_handle(const struct session_devices *open, const struct vfio_device *dev)
{
	return (size_t)(dev - open->devices);
}

struct vfio_device *field_handle(struct session_devices *open, const json_t *req, struct failure *f)
{
	uint64_t handle;

	if (field_uint(req, "handle", 0, MAX_DEVICES - 1, &handle, f))
		return NULL;
	if (!open->devices[handle].used) {
		fail(f, "EBADF", NULL, "the handle %u is not open", (unsigned int)handle);
		return NULL;
	}
	return &open->devices[handle];
}

int field_function(const struct roots *roots, const json_t *req, const char **address,
		   struct failure *f)
{
	return field_address(req, address, f) || !sysfs_is_ism(roots, *address, f) ? -1 : 0;
}

int session_devices_end_dmbs(struct session_devices *open, size_t handle, struct failure *f)
{
	struct dmb_owner *owner = open->owners[handle];

	open->owners[handle] = NULL;
	return owner ? dmb_owner_free(owner, f) : 0;
}

void session_devices_end(struct session_devices *open)
{
	struct failure ignored;
	size_t i;

	/* All buffers first, so that no function gets an event about a user that left. */
	for (i = 0; i < MAX_DEVICES; i++)
		session_devices_end_dmbs(open, i, &ignored);
	for (i = 0; i < MAX_DEVICES; i++)
		if (open->devices[i].used)
			vfio_close(&open->devices[i]);
}
