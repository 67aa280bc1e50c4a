// SPDX-License-Identifier: MIT
#include "session/watch.h"

#include "base/json_pairs.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A series has ended when nothing came for this long: messages of one bind are 1 to 20 ms apart. */
#define QUIET_MS 60

/* A storm of events is reported this often while it lasts. */
#define LONGEST_MS 300

/* Messages taken in a row, so that a storm of them does not keep requests waiting. */
#define AT_ONCE 64

long long watch_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void watch_init(struct watch *w)
{
	memset(w, 0, sizeof(*w));
	w->fd = -1;
}

int watch_start(struct watch *w, struct failure *f)
{
	int fd;

	if (w->fd >= 0)
		return 0;
	fd = uevent_open();
	if (fd < 0)
		return fail_errno(f, errno, "cannot receive kernel events on this host");
	watch_init(w);
	w->fd = fd;
	return 0;
}

void watch_stop(struct watch *w)
{
	if (w->fd >= 0)
		close(w->fd);
	watch_init(w);
}

static void note_time(struct watch *w, long long now_ms)
{
	if (!w->count && !w->overflow)
		w->first_ms = now_ms;
	w->last_ms = now_ms;
}

static void note_overflow(struct watch *w, long long now_ms)
{
	note_time(w, now_ms);
	w->overflow = true;
	w->count = 0;
}

void watch_note(struct watch *w, const struct uevent *event, long long now_ms)
{
	size_t i;

	for (i = 0; i < w->count && strcmp(w->events[i].address, event->address); i++)
		;
	if (i == WATCH_MAX) {
		note_overflow(w, now_ms);
		return;
	}
	note_time(w, now_ms);
	/* After an overflow the client refreshes everything anyway. */
	if (w->overflow)
		return;
	w->events[i] = *event;
	if (i == w->count)
		w->count++;
}

void watch_receive(struct watch *w)
{
	int i;

	for (i = 0; w->fd >= 0 && i < AT_ONCE; i++) {
		struct uevent event;

		switch (uevent_take(w->fd, &event)) {
		case UEVENT_READ:
			watch_note(w, &event, watch_now_ms());
			break;
		case UEVENT_OTHER:
			break;
		case UEVENT_OVERFLOW:
			note_overflow(w, watch_now_ms());
			break;
		case UEVENT_NONE:
			return;
		default:
			/* The socket is dead; the client refreshes everything once. */
			note_overflow(w, watch_now_ms());
			close(w->fd);
			w->fd = -1;
		}
	}
}

int watch_timeout(const struct watch *w, long long now_ms)
{
	long long due = w->last_ms + QUIET_MS;

	if (!w->count && !w->overflow)
		return -1;
	if (due > w->first_ms + LONGEST_MS)
		due = w->first_ms + LONGEST_MS;
	return due <= now_ms ? 0 : (int)(due - now_ms);
}

/* Append @line, which is freed, and a newline to @text; NULL when memory is exhausted. */
static char *append_line(char *text, char *line)
{
	size_t used = text ? strlen(text) : 0;
	size_t len = line ? strlen(line) : 0;
	char *longer = line ? realloc(text, used + len + 2) : NULL;

	if (!longer) {
		free(text);
	} else {
		memcpy(longer + used, line, len);
		memcpy(longer + used + len, "\n", 2);
	}
	free(line);
	return longer;
}

static char *event_line(const struct uevent *event)
{
	json_t *json =
		JSON_OBJECT(PAIR_TEXT("event", "function"), PAIR_TEXT("action", event->action),
			    PAIR_TEXT("address", event->address));
	char *line = json ? json_dumps(json, JSON_COMPACT) : NULL;

	json_decref(json);
	return line;
}

char *watch_lines(struct watch *w, long long now_ms)
{
	char *text = NULL;
	size_t i;

	if (watch_timeout(w, now_ms))
		return NULL;
	if (w->overflow)
		text = append_line(NULL, strdup("{\"event\":\"overflow\"}"));
	for (i = 0; i < w->count; i++) {
		text = append_line(text, event_line(&w->events[i]));
		if (!text)
			break;
	}
	w->overflow = false;
	w->count = 0;
	return text;
}
