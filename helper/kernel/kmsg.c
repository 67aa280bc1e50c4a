// SPDX-License-Identifier: MIT
#include "kernel/kmsg.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json_pairs.h"
#include "base/protocol_limits.h"
#include "sysfs/node.h"

/* PRINTKRB_RECORD_MAX of kernel/printk is 1024, and /dev/kmsg escapes some bytes as four. */
#define RECORD_MAX 8192

/* What one answer holds: with names and commas below the longest line of the protocol. */
#define ANSWER_BYTES 36000

/* The longest text of a record in an answer. */
#define TEXT_MAX 1000

struct reading {
	uint64_t from;
	uint64_t next;
	uint64_t lost;
	size_t bytes;
	bool first;
	bool more;
	json_t *records;
};

/* Text in printable ASCII; the kernel has escaped all else, but a quote doubles in JSON. */
static size_t clean_text(char *text)
{
	size_t cost = 0;
	size_t i;

	for (i = 0; text[i] && i < TEXT_MAX; i++) {
		if (!isprint((unsigned char)text[i]))
			text[i] = '?';
		cost += text[i] == '"' || text[i] == '\\' ? 2 : 1;
	}
	text[i] = '\0';
	return cost;
}

/*
 * One record, "PRIORITY,SEQUENCE,MICROSECONDS,FLAGS[,...];TEXT"
 * (Documentation/ABI/testing/dev-kmsg). Lines that belong to it start with a space and are passed
 * over. Returns false when the answer is full.
 */
static bool take_record(struct reading *r, char *line)
{
	unsigned int priority;
	uint64_t sequence;
	uint64_t us;
	size_t cost;
	char *text;

	if (*line == ' ' ||
	    sscanf(line, "%u,%" SCNu64 ",%" SCNu64 ",", &priority, &sequence, &us) != 3)
		return true;
	text = strchr(line, ';');
	if (text && r->from == KMSG_END)
		r->next = sequence + 1;
	if (!text || sequence < r->from)
		return true;
	if (r->first && sequence > r->from)
		r->lost = sequence - r->from;
	r->first = false;
	/* Facility 0 is the kernel; any program may write as another one. */
	if (priority >> 3) {
		r->next = sequence + 1;
		return true;
	}
	cost = clean_text(++text) + 48;
	if (json_array_size(r->records) >= KERNEL_LOG_RECORDS_MAX ||
	    r->bytes + cost > ANSWER_BYTES) {
		r->more = true;
		return false;
	}
	r->bytes += cost;
	r->next = sequence + 1;
	json_array_append_new(r->records, json_pack("[I, I, i, s]", (json_int_t)sequence,
						    (json_int_t)us, (int)(priority & 7), text));
	return true;
}

/* Take whole lines of @buf; returns how many bytes are left of one that is not, or -1 when full. */
static ssize_t take_lines(struct reading *r, char *buf, size_t len)
{
	char *line = buf;
	char *end;

	while ((end = memchr(line, '\n', len - (size_t)(line - buf)))) {
		*end = '\0';
		if (!take_record(r, line))
			return -1;
		line = end + 1;
	}
	len -= (size_t)(line - buf);
	memmove(buf, line, len);
	return (ssize_t)len;
}

json_t *kmsg_read(const struct roots *roots, uint64_t from, struct failure *f)
{
	struct reading r = {.from = from, .next = from == KMSG_END ? 0 : from, .first = from != 0};
	static char buf[RECORD_MAX + 1];
	char path[PATH_MAX];
	ssize_t kept = 0;
	int fd;

	node_path(roots, &node_kmsg, path);
	fd = node_open(roots, &node_kmsg, O_RDONLY | O_NONBLOCK);
	if (fd < 0)
		return fail_errno(f, errno, "cannot open the kernel log %s", path), NULL;
	r.records = json_array();
	while (kept >= 0 && kept < RECORD_MAX) {
		ssize_t n = read(fd, buf + kept, (size_t)(RECORD_MAX - kept));

		/* EPIPE: records were overwritten while we read, and the next read goes on behind.
		 */
		if (n < 0 && (errno == EPIPE || errno == EINTR))
			continue;
		if (n <= 0)
			break;
		kept = take_lines(&r, buf, (size_t)(kept + n));
	}
	close(fd);
	return JSON_OBJECT(PAIR("records", r.records), PAIR_NUMBER("next", r.next),
			   PAIR_BOOL("more", r.more), PAIR_NUMBER("lost", r.lost));
}
