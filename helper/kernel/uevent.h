/* SPDX-License-Identifier: MIT */
#ifndef ISM_UEVENT_H
#define ISM_UEVENT_H

#include <stdbool.h>
#include <stddef.h>

/* A kernel event about an ISM function. */
struct uevent {
	char action[16]; /* add, remove, change, bind or unbind */
	char address[32];
};

/*
 * Read one message of the kernel's (lib/kobject_uevent.c): "bind@/devices/..." and then KEY=value
 * strings, each terminated. True when it is about a PCI function with ISM's ids. The vfio-dev and
 * iommu_groups subsystems are left out on purpose: they change together with a bind or unbind of
 * the function, whose message is sent last.
 */
bool uevent_read(const char *message, size_t len, struct uevent *event);

/* The kernel's socket for these messages; -1 with errno set. Not blocking. */
int uevent_open(void);

enum uevent_state {
	UEVENT_READ,	/* @event is about an ISM function */
	UEVENT_OTHER,	/* a message about something else, or not the kernel's */
	UEVENT_NONE,	/* no message is waiting */
	UEVENT_OVERFLOW /* the kernel dropped messages because they were not read in time */
};

/* Take one message off the socket. Returns -1 with errno set when the socket is dead. */
int uevent_take(int fd, struct uevent *event);

#endif
