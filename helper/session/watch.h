/* SPDX-License-Identifier: MIT */
#ifndef ISM_WATCH_H
#define ISM_WATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/failure.h"
#include "base/protocol_limits.h"
#include "kernel/uevent.h"

/*
 * The events that wait to be sent. A bind is several messages and a hot plug of many functions is
 * many, so they are sent once nothing more came for a moment; of one function only the last.
 */
struct watch {
	int fd; /* -1: not watching */
	bool overflow;
	size_t count;
	struct uevent events[WATCH_MAX];
	long long first_ms; /* when the oldest of them came */
	long long last_ms;  /* when the newest came */
};

void watch_init(struct watch *w);
int watch_start(struct watch *w, struct failure *f);
void watch_stop(struct watch *w);

/* Note one event; it replaces an earlier one of the same function. */
void watch_note(struct watch *w, const struct uevent *event, long long now_ms);

/* Take what the kernel has sent since. */
void watch_receive(struct watch *w);

/* How long poll() may wait until something is to be sent: -1 for ever, 0 not at all. */
int watch_timeout(const struct watch *w, long long now_ms);

/*
 * The lines that are due, each with its newline, to be freed by the caller; NULL when there are
 * none.
 */
char *watch_lines(struct watch *w, long long now_ms);

long long watch_now_ms(void);

#endif
