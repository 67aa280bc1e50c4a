// SPDX-License-Identifier: MIT
/* The operations on an open vfio device: open, close, regions, read, store. */
#include "operations/operations.h"

#include <string.h>

#include "base/json_pairs.h"
#include "vfio/access.h"

static json_t *zpci_json(const struct zpci_info *z)
{
	json_t *info = json_object();

	if (z->has_base) {
		json_object_set_new(info, "startDma", hex64_json(z->start_dma));
		json_object_set_new(info, "endDma", hex64_json(z->end_dma));
		json_object_set_new(info, "pchid", json_integer(z->pchid));
		json_object_set_new(info, "vfn", json_integer(z->vfn));
		json_object_set_new(info, "pft", json_integer(z->pft));
		json_object_set_new(info, "gid", json_integer(z->gid));
		if (z->fh)
			json_object_set_new(info, "functionHandle", hex64_json(z->fh));
	}
	if (z->has_group) {
		json_object_set_new(info, "maxstbl", json_integer(z->maxstbl));
		if (z->imaxstbl)
			json_object_set_new(info, "imaxstbl", json_integer(z->imaxstbl));
	}
	return info;
}

/* The optional field 'api'. */
static int field_api(const json_t *req, enum vfio_api *api, struct failure *f)
{
	const json_t *field = json_object_get(req, "api");
	const char *name = json_string_value(field);

	*api = VFIO_API_AUTO;
	if (!field)
		return 0;
	if (name && !strcmp(name, "cdev"))
		*api = VFIO_API_CDEV;
	else if (name && !strcmp(name, "group"))
		*api = VFIO_API_GROUP;
	else
		return fail(f, "EINVAL", NULL, "the field 'api' must be \"cdev\" or \"group\"");
	return 0;
}

json_t *op_open(struct session *s, const json_t *req, struct failure *f)
{
	enum vfio_api api;
	struct vfio_device *dev;
	const char *address;

	if (field_api(req, &api, f))
		return NULL;
	if (field_function(&s->roots, req, &address, f))
		return NULL;
	if (session_devices_find(&s->open, address)) {
		fail(f, "EBUSY", NULL, "%s is open in this session already", address);
		return NULL;
	}
	dev = session_devices_free(&s->open, f);
	if (!dev || vfio_open(dev, &s->roots, address, api, f))
		return NULL;
	return JSON_OBJECT(
		PAIR_NUMBER("handle", session_devices_handle(&s->open, dev)),
		PAIR_TEXT("driver", dev->driver), PAIR_TEXT("api", dev->cdev ? "cdev" : "group"),
		PAIR_NUMBER("numRegions", dev->num_regions), PAIR_NUMBER("numIrqs", dev->num_irqs),
		PAIR_NUMBER("flags", dev->flags), PAIR("zpci", zpci_json(&dev->zpci)));
}

json_t *op_close(struct session *s, const json_t *req, struct failure *f)
{
	struct vfio_device *dev = field_handle(&s->open, req, f);

	struct failure ignored;

	if (!dev)
		return NULL;
	/* Closing resets the device, which removes what could not be unregistered. */
	session_devices_end_dmbs(&s->open, session_devices_handle(&s->open, dev), &ignored);
	vfio_close(dev);
	return JSON_OBJECT(PAIR_BOOL("closed", true));
}

/* Every index up to num_regions and this many past it, to see how the driver treats the rest. */
#define REGIONS_PAST 2

json_t *op_regions(struct session *s, const json_t *req, struct failure *f)
{
	struct vfio_device *dev = field_handle(&s->open, req, f);
	json_t *list;
	uint32_t i;

	if (!dev)
		return NULL;
	list = json_array();
	for (i = 0; i < MAX_REGIONS && i < dev->num_regions + REGIONS_PAST; i++) {
		struct region region;

		/* Queried again each time: the answer must be the driver's, not a cached one. */
		vfio_query_region(dev->fd, i, &region);
		if (region.err)
			json_array_append_new(
				list, JSON_OBJECT(PAIR_NUMBER("index", i),
						  PAIR_TEXT("error", errno_name(region.err)),
						  PAIR_TEXT("message", strerror(region.err))));
		else
			json_array_append_new(
				list, JSON_OBJECT(PAIR_NUMBER("index", i),
						  PAIR_NUMBER("flags", region.flags),
						  PAIR_HEX64("size", region.size),
						  PAIR_HEX64("offset", region.offset),
						  PAIR_HEX64("window", dev->regions[i].window)));
	}
	return JSON_OBJECT(PAIR_NUMBER("numRegions", dev->num_regions), PAIR("regions", list));
}

json_t *op_read(struct session *s, const json_t *req, struct failure *f)
{
	struct vfio_device *dev = field_handle(&s->open, req, f);
	unsigned char data[READ_MAX];
	uint64_t region;
	uint64_t offset;
	uint64_t len;
	long n;

	if (!dev || field_uint(req, "region", 0, UINT32_MAX, &region, f) ||
	    field_hex64(req, "offset", &offset, f) ||
	    field_uint(req, "length", 1, READ_MAX, &len, f))
		return NULL;
	n = load(dev, (uint32_t)region, offset, data, len, f);
	if (n < 0)
		return NULL;
	return JSON_OBJECT(PAIR_DATA("data", data, (size_t)n), PAIR_NUMBER("count", n),
			   PAIR_NUMBER("requested", len));
}

json_t *op_store(struct session *s, const json_t *req, struct failure *f)
{
	struct vfio_device *dev = field_handle(&s->open, req, f);
	/* The kernel reads the buffer as 8-byte words (drivers/vfio/pci/ism/main.c copies it). */
	_Alignas(8) unsigned char data[STORE_BLOCK];
	uint64_t duration_ns = 0;
	uint64_t region;
	uint64_t offset;
	size_t len;
	long n;

	if (!dev || field_uint(req, "region", 0, UINT32_MAX, &region, f) ||
	    field_hex64(req, "offset", &offset, f) ||
	    field_data(req, "data", data, sizeof(data), &len, f))
		return NULL;
	n = store(dev, (uint32_t)region, offset, data, len, &duration_ns, f);
	if (n < 0)
		return NULL;
	return JSON_OBJECT(PAIR_NUMBER("count", n), PAIR_NUMBER("requested", len),
			   PAIR_NUMBER("durationNs", duration_ns));
}
