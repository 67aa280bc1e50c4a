// SPDX-License-Identifier: MIT
#include "link/lines.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void lines_init(struct line_reader *r, int fd)
{
	r->fd = fd;
	r->start = 0;
	r->end = 0;
	r->skipping = false;
}

/* Make room by moving what is unread to the front; returns false when a line fills the buffer. */
static bool make_room(struct line_reader *r)
{
	if (r->start > 0) {
		memmove(r->buf, r->buf + r->start, r->end - r->start);
		r->end -= r->start;
		r->start = 0;
	}
	return r->end < sizeof(r->buf);
}

enum line_status lines_take(struct line_reader *r, const char **line, size_t *len)
{
	char *nl;

	while ((nl = memchr(r->buf + r->start, '\n', r->end - r->start))) {
		const char *first = r->buf + r->start;
		bool skip = r->skipping;

		r->start = (size_t)(nl - r->buf) + 1;
		r->skipping = false;
		if (skip)
			continue; /* the tail of a line that was reported already */
		*line = first;
		*len = (size_t)(nl - first);
		return LINE_READY;
	}
	if (r->skipping)
		r->start = r->end;
	if (make_room(r))
		return LINE_MORE;
	r->start = r->end;
	r->skipping = true;
	return LINE_TOO_LONG;
}

enum line_status lines_fill(struct line_reader *r)
{
	ssize_t n = read(r->fd, r->buf + r->end, sizeof(r->buf) - r->end);

	if (n < 0)
		return errno == EINTR ? LINE_MORE : LINE_ERROR;
	if (n == 0)
		return LINE_END;
	r->end += (size_t)n;
	return LINE_MORE;
}

int write_all(int fd, const char *buf, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, buf, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		buf += n;
		len -= (size_t)n;
	}
	return 0;
}
