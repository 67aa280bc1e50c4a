/* SPDX-License-Identifier: MIT */
#ifndef ISM_SESSION_DEVICES_H
#define ISM_SESSION_DEVICES_H

#include <jansson.h>

#include "base/protocol_limits.h"
#include "dmb/dmb.h"
#include "vfio/vfio.h"

/* The devices that a session has open, by handle, and the buffers of each. */
struct session_devices {
	struct vfio_device devices[MAX_DEVICES];
	struct dmb_owner *owners[MAX_DEVICES]; /* NULL: the device has no buffers */
};

/* The device that is open at @address, or NULL. */
struct vfio_device *session_devices_find(struct session_devices *open, const char *address);

/* A place for another device, or NULL with @f when all are in use. */
struct vfio_device *session_devices_free(struct session_devices *open, struct failure *f);

/* The handle of @dev, which is one of them. */
size_t session_devices_handle(const struct session_devices *open, const struct vfio_device *dev);

/* The open device of the field 'handle', or NULL with @f. */
struct vfio_device *field_handle(struct session_devices *open, const json_t *req,
				 struct failure *f);

/* The field 'address', which must be that of an ISM function of this host. 0, or -1 with @f. */
int field_function(const struct roots *roots, const json_t *req, const char **address,
		   struct failure *f);

/* Unregister the buffers of a device; 0, or -1 with @f of the first command that failed. */
int session_devices_end_dmbs(struct session_devices *open, size_t handle, struct failure *f);

/* Unregister all buffers and close all devices. Failures are ignored: closing resets a device. */
void session_devices_end(struct session_devices *open);

#endif
