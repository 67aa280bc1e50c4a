/* SPDX-License-Identifier: MIT */
#ifndef ISM_LINES_H
#define ISM_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/protocol_limits.h"

struct line_reader {
	int fd;
	size_t start;
	size_t end;
	bool skipping; /* the rest of an oversized line is being thrown away */
	char buf[MAX_LINE + 1];
};

enum line_status {
	LINE_READY,
	LINE_MORE,     /* no line is complete: wait until there is something to read */
	LINE_TOO_LONG, /* reported once per line; the line itself is gone */
	LINE_END,      /* the peer closed its end */
	LINE_ERROR,    /* errno says why */
};

void lines_init(struct line_reader *r, int fd);

/*
 * The next line that has arrived as a whole: READY, TOO_LONG or MORE. *@line is not terminated by a
 * newline and lives until the next call.
 */
enum line_status lines_take(struct line_reader *r, const char **line, size_t *len);

/* Read once, which waits when nothing is there: MORE (there may be a line now), END or ERROR. */
enum line_status lines_fill(struct line_reader *r);

/* Write all of @len bytes; returns 0, or -1 with errno set. */
int write_all(int fd, const char *buf, size_t len);

#endif
