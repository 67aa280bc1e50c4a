// SPDX-License-Identifier: MIT
#include "kernel/uevent.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fields.h"

/* The group that the kernel sends to; udev's daemon sends its own messages to group 2. */
#define KERNEL_GROUP 1

/* The kernel's messages have at most 2 KiB of variables and a path (UEVENT_BUFFER_SIZE). */
#define MESSAGE_MAX 8192

/* Room for the messages of some hundreds of functions that come at once. */
#define RECEIVE_BUFFER (1024 * 1024)

/* PCI_ID as drivers/pci/pci-driver.c prints it. */
#define ISM_PCI_ID "1014:04ED"

/* The value of @key in "KEY=value", or NULL. */
static const char *value_of(const char *variable, const char *key)
{
	size_t len = strlen(key);

	return !strncmp(variable, key, len) && variable[len] == '=' ? variable + len + 1 : NULL;
}

static bool is_known_action(const char *action)
{
	static const char *const known[] = {"add", "remove", "change", "bind", "unbind"};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(action, known[i]))
			return true;
	return false;
}

bool uevent_read(const char *message, size_t len, struct uevent *event)
{
	const char *action = NULL;
	const char *subsystem = NULL;
	const char *id = NULL;
	const char *address = NULL;
	size_t at = 0;

	/* Each string must end inside the message before it may be read as one. */
	while (at < len) {
		const char *variable = message + at;
		const char *end = memchr(variable, '\0', len - at);
		const char *value;

		if (!end)
			return false;
		if ((value = value_of(variable, "ACTION")))
			action = value;
		else if ((value = value_of(variable, "SUBSYSTEM")))
			subsystem = value;
		else if ((value = value_of(variable, "PCI_ID")))
			id = value;
		else if ((value = value_of(variable, "PCI_SLOT_NAME")))
			address = value;
		at += (size_t)(end - variable) + 1;
	}
	if (!action || !subsystem || !id || !address || strcmp(subsystem, "pci") ||
	    strcasecmp(id, ISM_PCI_ID) || !is_known_action(action) || !is_address(address))
		return false;
	snprintf(event->action, sizeof(event->action), "%s", action);
	snprintf(event->address, sizeof(event->address), "%s", address);
	return true;
}

int uevent_open(void)
{
	const struct sockaddr_nl to = {.nl_family = AF_NETLINK, .nl_groups = KERNEL_GROUP};
	int size = RECEIVE_BUFFER;
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			NETLINK_KOBJECT_UEVENT);
	int err;

	if (fd < 0)
		return -1;
	if (bind(fd, (const struct sockaddr *)&to, sizeof(to))) {
		err = errno;
		close(fd);
		errno = err;
		return -1;
	}
	/* Root may go past the host's limit; for others what they get must do. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return fd;
}

int uevent_take(int fd, struct uevent *event)
{
	char message[MESSAGE_MAX];
	struct sockaddr_nl from = {0};
	socklen_t from_len = sizeof(from);
	ssize_t n = recvfrom(fd, message, sizeof(message), MSG_TRUNC, (struct sockaddr *)&from,
			     &from_len);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return UEVENT_NONE;
	if (n < 0 && errno == ENOBUFS)
		return UEVENT_OVERFLOW;
	if (n < 0)
		return -1;
	/* A privileged process may send to the group as well; the kernel's own port is 0. */
	if (from_len != sizeof(from) || from.nl_pid != 0 || from.nl_family != AF_NETLINK)
		return UEVENT_OTHER;
	/* Longer than the kernel's longest message: unreadable, so everything may have changed. */
	if ((size_t)n > sizeof(message))
		return UEVENT_OVERFLOW;
	return uevent_read(message, (size_t)n, event) ? UEVENT_READ : UEVENT_OTHER;
}
