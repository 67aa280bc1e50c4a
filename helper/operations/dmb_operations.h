/* SPDX-License-Identifier: MIT */
#ifndef ISM_DMB_OPERATIONS_H
#define ISM_DMB_OPERATIONS_H

#include <poll.h>

#include "operations/operations.h"

json_t *op_gid(struct session *s, const json_t *req, struct failure *f);
json_t *op_dmb_register(struct session *s, const json_t *req, struct failure *f);
json_t *op_dmb_unregister(struct session *s, const json_t *req, struct failure *f);
json_t *op_dmb_read(struct session *s, const json_t *req, struct failure *f);
json_t *op_dmb_store(struct session *s, const json_t *req, struct failure *f);

/* The interrupts that serve() waits for: at most MAX_DEVICES entries of @fds; returns how many. */
size_t dmb_poll_fds(const struct session *s, struct pollfd *fds);

/* Send an event for each buffer that was signalled; -1 when the peer is gone. */
int dmb_send_events(struct session *s);

/* Unregister what a function has; 0, or -1 with @f of the first command that failed. */
int dmb_end(struct session *s, size_t handle, struct failure *f);

#endif
