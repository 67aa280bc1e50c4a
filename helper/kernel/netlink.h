/* SPDX-License-Identifier: MIT */
#ifndef ISM_NETLINK_H
#define ISM_NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/failure.h"

/*
 * Generic netlink, as much of it as asking for a dump needs (include/uapi/linux/netlink.h,
 * genetlink.h). Lengths in messages are checked against what was received before they are used.
 */

/* Bytes that are still to be read. */
struct nl_span {
	const unsigned char *at;
	size_t len;
};

struct nl_attr {
	uint16_t type; /* without its flags */
	struct nl_span data;
};

/* Take the next attribute off @rest; false at the end and where the rest is no attribute. */
bool nl_next_attr(struct nl_span *rest, struct nl_attr *attr);

/* The value of an attribute; false when its length is another one. */
bool nl_u16(const struct nl_attr *attr, uint16_t *value);
bool nl_u32(const struct nl_attr *attr, uint32_t *value);
bool nl_u64(const struct nl_attr *attr, uint64_t *value);

/* The text of an attribute, terminated; false when it has none or does not fit @size. */
bool nl_text(const struct nl_attr *attr, char *text, size_t size);

/* Called with the attributes of each message of a dump. */
typedef void nl_each(struct nl_span attributes, void *arg);

enum nl_state {
	NL_MORE,  /* the dump goes on in the next datagram */
	NL_DONE,  /* it is complete */
	NL_TORN,  /* the data changed during the dump: repeat the request */
	NL_ERROR, /* errno says why: the kernel's own answer, or EBADMSG for an unreadable message
		   */
};

/* Read one datagram of the dump that was requested with @seq. */
enum nl_state nl_read_dump(struct nl_span datagram, uint32_t seq, nl_each *each, void *arg);

/*
 * Ask generic netlink family @family for a dump of @command. Waits at most 2 s for each answer.
 * @restart is called before each attempt, so that the results of a torn one can be thrown away.
 * Returns 0, or -1 with errno set.
 */
int nl_dump(uint16_t family, uint8_t command, nl_each *each, void (*restart)(void *), void *arg);

/*
 * The number of the generic netlink family @name: 0 and *@id, or -1 with errno set (ENOENT: there
 * is none). All families are listed, because asking for one by its name makes the kernel load its
 * module (net/netlink/genetlink.c, ctrl_getfamily()), and looking must change nothing.
 */
int nl_family(const char *name, uint16_t *id);

/* One message of the list of families, for nl_family() and for tests. */
struct nl_family_search {
	const char *name;
	uint16_t id; /* 0: not found yet; the kernel's numbers start above it */
};
nl_each nl_family_each;

#endif
