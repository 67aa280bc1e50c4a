/* SPDX-License-Identifier: MIT */
#ifndef ISM_DMB_OPERATIONS_H
#define ISM_DMB_OPERATIONS_H

#include <poll.h>

#include "session/session.h"

/* The interrupts that serve() waits for: at most MAX_DEVICES entries of @fds; returns how many. */
size_t dmb_poll_fds(const struct session *s, struct pollfd *fds);

/* Send an event for each buffer that was signalled; -1 when the peer is gone. */
int dmb_send_events(struct session *s);

#endif
