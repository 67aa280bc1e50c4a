// SPDX-License-Identifier: MIT
#include "kernel/netlink.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* The kernel sends datagrams of at most 32 KiB in a dump (net/netlink/af_netlink.c). */
#define DATAGRAM_MAX 65536

/* A dump that is torn this often in a row cannot be had. */
#define ATTEMPTS 5

/* Datagrams in one dump: more than all devices and link groups of a host fill. */
#define DATAGRAMS_MAX 4096

static void span_skip(struct nl_span *span, size_t len)
{
	span->at += len;
	span->len -= len;
}

bool nl_next_attr(struct nl_span *rest, struct nl_attr *attr)
{
	struct nlattr header;
	size_t step;

	if (rest->len < sizeof(header))
		return false;
	memcpy(&header, rest->at, sizeof(header));
	if (header.nla_len < sizeof(header) || header.nla_len > rest->len)
		return false;
	attr->type = header.nla_type & NLA_TYPE_MASK;
	attr->data.at = rest->at + sizeof(header);
	attr->data.len = header.nla_len - sizeof(header);
	/* The last attribute need not be padded. */
	step = NLA_ALIGN((size_t)header.nla_len);
	span_skip(rest, step < rest->len ? step : rest->len);
	return true;
}

static bool attr_copy(const struct nl_attr *attr, void *to, size_t size)
{
	if (attr->data.len != size)
		return false;
	memcpy(to, attr->data.at, size);
	return true;
}

bool nl_u16(const struct nl_attr *attr, uint16_t *to)
{
	return attr_copy(attr, to, sizeof(*to));
}

bool nl_u32(const struct nl_attr *attr, uint32_t *to)
{
	return attr_copy(attr, to, sizeof(*to));
}

bool nl_u64(const struct nl_attr *attr, uint64_t *to)
{
	return attr_copy(attr, to, sizeof(*to));
}

bool nl_text(const struct nl_attr *attr, char *text, size_t size)
{
	size_t len = strnlen((const char *)attr->data.at, attr->data.len);

	if (len >= size)
		return false;
	memcpy(text, attr->data.at, len);
	text[len] = '\0';
	return true;
}

enum nl_state nl_read_dump(struct nl_span rest, uint32_t seq, nl_each *each, void *arg)
{
	while (rest.len >= sizeof(struct nlmsghdr)) {
		struct nlmsghdr header;
		struct nl_span body;
		size_t step;

		memcpy(&header, rest.at, sizeof(header));
		if (header.nlmsg_len < sizeof(header) || header.nlmsg_len > rest.len)
			break;
		body.at = rest.at + NLMSG_HDRLEN;
		body.len = header.nlmsg_len - NLMSG_HDRLEN;
		step = NLMSG_ALIGN((size_t)header.nlmsg_len);
		span_skip(&rest, step < rest.len ? step : rest.len);
		if (header.nlmsg_seq != seq)
			continue;
		if (header.nlmsg_flags & NLM_F_DUMP_INTR)
			return NL_TORN;
		if (header.nlmsg_type == NLMSG_ERROR || header.nlmsg_type == NLMSG_DONE) {
			int err = 0;

			/* Both begin with an errno value, negative as the kernel returns it. */
			if (body.len >= sizeof(err))
				memcpy(&err, body.at, sizeof(err));
			if (!err && header.nlmsg_type == NLMSG_DONE)
				return NL_DONE;
			errno = err < 0 && err > -4096 ? -err : EBADMSG;
			return NL_ERROR;
		}
		if (header.nlmsg_type < NLMSG_MIN_TYPE)
			continue;
		if (body.len < GENL_HDRLEN)
			break;
		span_skip(&body, GENL_HDRLEN);
		each(body, arg);
	}
	if (!rest.len)
		return NL_MORE;
	errno = EBADMSG;
	return NL_ERROR;
}

/* Receive one datagram from the kernel itself; returns its length, or -1 with errno set. */
static ssize_t receive_datagram(int fd, void *buf, size_t size)
{
	for (;;) {
		struct sockaddr_nl from = {0};
		socklen_t from_len = sizeof(from);
		ssize_t n = recvfrom(fd, buf, size, MSG_TRUNC, (struct sockaddr *)&from, &from_len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n >= 0 && (size_t)n > size) {
			errno = EMSGSIZE;
			return -1;
		}
		/* Any process may send to this socket; the kernel's own port is 0. */
		if (n < 0 || (from_len == sizeof(from) && from.nl_pid == 0))
			return n;
	}
}

static enum nl_state dump_once(int fd, uint16_t family, uint8_t command, uint32_t seq,
			       unsigned char *buf, nl_each *each, void *arg)
{
	struct {
		struct nlmsghdr nl;
		struct genlmsghdr genl;
	} req = {
		.nl = {.nlmsg_len = sizeof(req),
		       .nlmsg_type = family,
		       .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		       .nlmsg_seq = seq},
		.genl = {.cmd = command, .version = 1},
	};
	enum nl_state state = NL_MORE;
	int i;

	if (send(fd, &req, sizeof(req), 0) != (ssize_t)sizeof(req))
		return NL_ERROR;
	for (i = 0; state == NL_MORE && i < DATAGRAMS_MAX; i++) {
		ssize_t n = receive_datagram(fd, buf, DATAGRAM_MAX);

		if (n < 0)
			return NL_ERROR;
		state = nl_read_dump((struct nl_span){buf, (size_t)n}, seq, each, arg);
	}
	if (state == NL_MORE) {
		errno = EMSGSIZE;
		state = NL_ERROR;
	}
	return state;
}

int nl_dump(uint16_t family, uint8_t command, nl_each *each, void (*restart)(void *), void *arg)
{
	enum nl_state state = NL_TORN;
	unsigned char *buf = malloc(DATAGRAM_MAX);
	uint32_t seq;
	int err = 0;

	if (!buf)
		return -1;
	/* A socket for each attempt: the rest of a torn dump goes away with its socket. */
	for (seq = 1; state == NL_TORN && seq <= ATTEMPTS; seq++) {
		const struct timeval limit = {.tv_sec = 2};
		int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);

		if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit))) {
			err = errno;
			state = NL_ERROR;
		} else {
			restart(arg);
			state = dump_once(fd, family, command, seq, buf, each, arg);
			err = state == NL_TORN ? EINTR : errno;
		}
		if (fd >= 0)
			close(fd);
	}
	free(buf);
	errno = err;
	return state == NL_DONE ? 0 : -1;
}

void nl_family_each(struct nl_span attributes, void *arg)
{
	struct nl_family_search *search = arg;
	struct nl_attr attr;
	char name[GENL_NAMSIZ] = "";
	uint16_t id = 0;

	while (nl_next_attr(&attributes, &attr)) {
		if (attr.type == CTRL_ATTR_FAMILY_NAME && !nl_text(&attr, name, sizeof(name)))
			return;
		if (attr.type == CTRL_ATTR_FAMILY_ID && !nl_u16(&attr, &id))
			return;
	}
	if (id && !strcmp(name, search->name))
		search->id = id;
}

static void forget_family(void *arg)
{
	((struct nl_family_search *)arg)->id = 0;
}

int nl_family(const char *name, uint16_t *id)
{
	struct nl_family_search search = {.name = name};

	if (nl_dump(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, nl_family_each, forget_family, &search))
		return -1;
	if (!search.id) {
		errno = ENOENT;
		return -1;
	}
	*id = search.id;
	return 0;
}
