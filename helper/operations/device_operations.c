// SPDX-License-Identifier: MIT
/* The operations on an open vfio device: open, close, regions, read, store. */
#include "operations/operations.h"

#include <string.h>

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

json_t *op_open(struct session *s, const json_t *req, struct failure *f)
{
	const char *wanted = json_string_value(json_object_get(req, "api"));
	enum vfio_api api = VFIO_API_AUTO;
	struct vfio_device *dev;
	const char *address;

	if (json_object_get(req, "api")) {
		if (!wanted || (strcmp(wanted, "cdev") && strcmp(wanted, "group"))) {
			fail(f, "EINVAL", NULL, "the field 'api' must be \"cdev\" or \"group\"");
			return NULL;
		}
		api = *wanted == 'c' ? VFIO_API_CDEV : VFIO_API_GROUP;
	}
	if (field_function(&s->roots, req, &address, f))
		return NULL;
	if (session_devices_find(&s->open, address)) {
		fail(f, "EBUSY", NULL, "%s is open in this session already", address);
		return NULL;
	}
	dev = session_devices_free(&s->open, f);
	if (!dev || vfio_open(dev, &s->roots, address, api, f))
		return NULL;
	return json_pack("{s:i, s:s, s:s, s:i, s:i, s:I, s:o}", "handle",
			 (int)session_devices_handle(&s->open, dev), "driver", dev->driver, "api",
			 dev->cdev ? "cdev" : "group", "numRegions", (int)dev->num_regions,
			 "numIrqs", (int)dev->num_irqs, "flags", (json_int_t)dev->flags, "zpci",
			 zpci_json(&dev->zpci));
}

json_t *op_close(struct session *s, const json_t *req, struct failure *f)
{
	struct vfio_device *dev = field_handle(&s->open, req, f);

	struct failure ignored;

	if (!dev)
		return NULL;
	/* What could not be unregistered goes with the reset that closing brings. */
	session_devices_end_dmbs(&s->open, session_devices_handle(&s->open, dev), &ignored);
	vfio_close(dev);
	return json_pack("{s:b}", "closed", 1);
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

		/* Asked anew each time: the answer is the driver's, not our memory of it. */
		vfio_query_region(dev->fd, i, &region);
		if (region.err)
			json_array_append_new(list, json_pack("{s:i, s:s, s:s}", "index", (int)i,
							      "error", errno_name(region.err),
							      "message", strerror(region.err)));
		else
			json_array_append_new(list,
					      json_pack("{s:i, s:I, s:o, s:o, s:o}", "index",
							(int)i, "flags", (json_int_t)region.flags,
							"size", hex64_json(region.size), "offset",
							hex64_json(region.offset), "window",
							hex64_json(dev->regions[i].window)));
	}
	return json_pack("{s:i, s:o}", "numRegions", (int)dev->num_regions, "regions", list);
}

json_t *op_read(struct session *s, const json_t *req, struct failure *f)
{
	struct vfio_device *dev = field_handle(&s->open, req, f);
	unsigned char data[READ_MAX];
	uint64_t region;
	uint64_t offset;
	uint64_t len;
	long n;

	if (!dev || field_uint(req, "region", UINT32_MAX, &region, f) ||
	    field_hex64(req, "offset", &offset, f) || field_uint(req, "length", READ_MAX, &len, f))
		return NULL;
	if (!len) {
		fail(f, "EINVAL", NULL, "the field 'length' must be at least 1");
		return NULL;
	}
	n = load(dev, (uint32_t)region, offset, data, len, f);
	if (n < 0)
		return NULL;
	return json_pack("{s:o, s:I, s:I}", "data", data_json(data, (size_t)n), "count",
			 (json_int_t)n, "requested", (json_int_t)len);
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

	if (!dev || field_uint(req, "region", UINT32_MAX, &region, f) ||
	    field_hex64(req, "offset", &offset, f) ||
	    field_data(req, "data", data, sizeof(data), &len, f))
		return NULL;
	n = store(dev, (uint32_t)region, offset, data, len, &duration_ns, f);
	if (n < 0)
		return NULL;
	return json_pack("{s:I, s:I, s:I}", "count", (json_int_t)n, "requested", (json_int_t)len,
			 "durationNs", (json_int_t)duration_ns);
}
