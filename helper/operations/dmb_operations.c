// SPDX-License-Identifier: MIT
/* Buffers that other functions store into: registering them, looking into them, and signals. */
#include "operations/dmb_operations.h"

#include <stdlib.h>
#include <string.h>

#include "vfio/access.h"
#include "dmb/control.h"
#include "dmb/dmb.h"
#include "base/json_pairs.h"
#include "operations/operations.h"

/* BAR0: where stores name a buffer. */
#define MOVE_REGION 0

/* A client names a buffer by one number: its function's handle and its place there. */
static json_int_t dmb_id(size_t handle, size_t slot)
{
	return (json_int_t)(handle * DMBS_MAX + slot);
}

static struct dmb *field_dmb(struct session *s, const json_t *req, size_t *handle, size_t *slot,
			     struct failure *f)
{
	struct dmb_owner *owner;
	uint64_t id;

	if (field_uint(req, "dmb", 0, (uint64_t)MAX_DEVICES * DMBS_MAX - 1, &id, f))
		return NULL;
	*handle = id / DMBS_MAX;
	*slot = id % DMBS_MAX;
	owner = s->open.owners[*handle];
	if (!owner || !owner->dmbs[*slot].used) {
		fail(f, "EBADF", NULL, "the buffer %u is not registered", (unsigned int)id);
		return NULL;
	}
	return &owner->dmbs[*slot];
}

json_t *op_gid(struct session *s, const json_t *req, struct failure *f)
{
	struct vfio_device *dev = field_handle(&s->open, req, f);
	uint64_t gid;

	if (!dev || control_read_gid(dev, &gid, f))
		return NULL;
	return JSON_OBJECT(PAIR_HEX64("gid", gid));
}

json_t *op_dmb_register(struct session *s, const json_t *req, struct failure *f)
{
	struct vfio_device *dev = field_handle(&s->open, req, f);
	struct dmb_owner *owner;
	struct failure ignored;
	uint64_t size;
	uint64_t gid;
	size_t handle;
	int slot;

	if (!dev || field_uint(req, "size", DMB_PAGE, DMB_SIZE_MAX, &size, f) ||
	    field_hex64(req, "user", &gid, f))
		return NULL;
	if (size % DMB_PAGE) {
		fail(f, "EINVAL", NULL, "the field 'size' must be a multiple of %d", DMB_PAGE);
		return NULL;
	}
	handle = session_devices_handle(&s->open, dev);
	if (!s->open.owners[handle])
		s->open.owners[handle] = dmb_owner_new(dev, f);
	owner = s->open.owners[handle];
	if (!owner)
		return NULL;
	slot = dmb_register(owner, (uint32_t)size, gid, f);
	if (slot < 0) {
		if (!dmb_any(owner))
			session_devices_end_dmbs(&s->open, handle, &ignored);
		return NULL;
	}
	return JSON_OBJECT(PAIR_NUMBER("dmb", dmb_id(handle, (size_t)slot)),
			   PAIR_HEX64("token", owner->dmbs[slot].token),
			   PAIR_HEX64("gid", owner->gid), PAIR_NUMBER("size", size));
}

json_t *op_dmb_unregister(struct session *s, const json_t *req, struct failure *f)
{
	size_t handle;
	size_t slot;
	int err;

	if (!field_dmb(s, req, &handle, &slot, f))
		return NULL;
	err = dmb_unregister(s->open.owners[handle], slot, f);
	if (!dmb_any(s->open.owners[handle])) {
		struct failure later;

		if (session_devices_end_dmbs(&s->open, handle, err ? &later : f))
			err = -1;
	}
	return err ? NULL : JSON_OBJECT(PAIR_BOOL("unregistered", true));
}

json_t *op_dmb_read(struct session *s, const json_t *req, struct failure *f)
{
	size_t handle;
	size_t slot;
	struct dmb *dmb = field_dmb(s, req, &handle, &slot, f);
	uint64_t offset;
	uint64_t len;

	if (!dmb || field_uint(req, "offset", 0, DMB_SIZE_MAX, &offset, f) ||
	    field_uint(req, "length", 1, READ_MAX, &len, f))
		return NULL;
	if (offset >= dmb->size || len > dmb->size - offset) {
		fail(f, "EINVAL", NULL,
		     "the buffer has %u bytes; the fields 'offset' and 'length' must stay inside "
		     "it",
		     dmb->size);
		return NULL;
	}
	return JSON_OBJECT(PAIR_DATA("data", dmb->memory + offset, len));
}

/* The fields of a signal, for the event and for the answer to dmb-store. */
static json_t *signal_json(const struct session *s, const struct dmb_owner *owner,
			   const struct dmb_signal *signal)
{
	const struct dmb *dmb = &owner->dmbs[signal->slot];
	size_t handle = session_devices_handle(&s->open, owner->dma.dev);
	size_t shown = signal->len < READ_MAX ? signal->len : READ_MAX;
	json_t *changed = json_null();

	if (signal->len)
		changed = JSON_OBJECT(PAIR_NUMBER("offset", signal->from),
				      PAIR_NUMBER("length", signal->len),
				      PAIR_DATA("data", dmb->seen + signal->from, shown));
	return JSON_OBJECT(PAIR_NUMBER("dmb", dmb_id(handle, signal->slot)),
			   PAIR_HEX64("token", dmb->token), PAIR_HEX64("timeNs", signal->time_ns),
			   PAIR_NUMBER("interrupts", signal->interrupts),
			   PAIR_NUMBER("mask", signal->mask), PAIR("changed", changed));
}

/* The context of report_signal(). */
struct look {
	struct session *session;
	bool gone;	  /* the peer is */
	const void *dmb;  /* the buffer that dmb-store waits for, or NULL */
	json_t *signal;	  /* to that */
	uint64_t time_ns; /* of that */
};

static void report_signal(const struct dmb_owner *owner, const struct dmb_signal *signal,
			  void *context)
{
	struct look *look = context;
	json_t *json = signal_json(look->session, owner, signal);
	char *line;

	if (look->dmb == &owner->dmbs[signal->slot]) {
		json_decref(look->signal);
		look->signal = json;
		look->time_ns = signal->time_ns;
		return;
	}
	if (json)
		json_object_set_new(json, "event", json_string("dmb"));
	line = json ? json_dumps(json, JSON_COMPACT) : NULL;
	json_decref(json);
	if (look->session->say && look->session->say(line))
		look->gone = true;
	else if (!look->session->say)
		free(line);
}

size_t dmb_poll_fds(const struct session *s, struct pollfd *fds)
{
	size_t count = 0;
	size_t i;

	for (i = 0; i < MAX_DEVICES; i++)
		if (s->open.owners[i])
			fds[count++] = (struct pollfd){
				.fd = s->open.owners[i]->dma.event,
				.events = POLLIN,
			};
	return count;
}

int dmb_send_events(struct session *s)
{
	struct look look = {.session = s};
	size_t i;

	for (i = 0; i < MAX_DEVICES; i++)
		if (s->open.owners[i])
			dmb_collect(s->open.owners[i], report_signal, &look);
	return look.gone ? -1 : 0;
}

/* Wait until the buffer was signalled, at most @wait_ms from @from_ns. */
static void wait_for_signal(struct dmb_owner *owner, struct look *look, uint64_t from_ns,
			    uint64_t wait_ms)
{
	uint64_t end_ns = from_ns + wait_ms * 1000000u;
	uint64_t now;

	for (now = now_ns(); !look->signal && now < end_ns; now = now_ns()) {
		struct pollfd fd = {.fd = owner->dma.event, .events = POLLIN};
		int left_ms = (int)((end_ns - now) / 1000000u) + 1;

		if (poll(&fd, 1, left_ms) > 0)
			dmb_collect(owner, report_signal, look);
	}
}

json_t *op_dmb_store(struct session *s, const json_t *req, struct failure *f)
{
	size_t handle;
	size_t slot;
	struct dmb *dmb = field_dmb(s, req, &handle, &slot, f);
	struct vfio_device *dev = dmb ? field_handle(&s->open, req, f) : NULL;
	/* The kernel reads the buffer as 8-byte words, as in op_store(). */
	_Alignas(8) unsigned char data[STORE_BLOCK];
	struct look look = {.session = s, .dmb = dmb};
	uint64_t duration_ns = 0;
	uint64_t wait_ms;
	uint64_t offset;
	uint64_t before;
	json_t *after = NULL;
	size_t len;
	long n;

	if (!dev || field_hex64(req, "offset", &offset, f) ||
	    field_data(req, "data", data, sizeof(data), &len, f) ||
	    field_uint(req, "waitMs", 0, DMB_WAIT_MAX_MS, &wait_ms, f))
		return NULL;
	/* Earlier signals are sent as events, so that none is taken for this store's. */
	dmb_send_events(s);
	before = now_ns();
	n = store(dev, MOVE_REGION, offset, data, len, &duration_ns, f);
	if (n < 0)
		return NULL;
	wait_for_signal(s->open.owners[handle], &look, before, wait_ms);
	after = look.signal ? json_integer((json_int_t)(look.time_ns - before)) : json_null();
	return JSON_OBJECT(PAIR_NUMBER("count", n), PAIR_NUMBER("requested", len),
			   PAIR_NUMBER("durationNs", duration_ns), PAIR("interruptNs", after),
			   PAIR("signal", look.signal ? look.signal : json_null()));
}
