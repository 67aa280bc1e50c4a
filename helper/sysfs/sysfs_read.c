// SPDX-License-Identifier: MIT
/*
 * Reading attributes with a time limit. Some of them wait for a lock that an unbind holds for as
 * long as programs use the function (driver_override_show() took device_lock(), drivers/pci/
 * pci-sysfs.c). Such a read cannot be called off, so another process does it: a reader, which
 * answers one question after the other until its helper's request is answered. One that does not
 * answer in time is left to the kernel, and a new one takes its place. It holds nothing of the
 * session open, so that a device is never open for longer than the session is.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sysfs/sysfs.h"

/* Readers that may be left to the kernel, each held up by another attribute. */
#define STUCK_MAX 16

struct question {
	bool of_function;
	char address[32];
	char name[160];
};

struct reading {
	int err;
	long len;
	char value[ATTR_MAX];
};

/* The reader that answers, and those that did not; @fd of either is readable when it has ended. */
static int reader = -1;
static pid_t reader_pid;
static struct {
	int fd;
	struct question question;
} stuck[STUCK_MAX];
static size_t stuck_count;

static void answer_questions(const struct roots *roots, int fd)
{
	struct question q;

	while (recv(fd, &q, sizeof(q), 0) == (ssize_t)sizeof(q)) {
		struct reading r = {0};

		r.len = sysfs_read_here(roots, q.of_function ? q.address : NULL, q.name, r.value);
		r.err = r.len < 0 ? errno : 0;
		if (send(fd, &r, sizeof(r), MSG_NOSIGNAL) != (ssize_t)sizeof(r))
			break;
	}
	_exit(0);
}

static int start_reader(const struct roots *roots)
{
	int ends[2];
	pid_t child;
	int err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -1;
	child = fork();
	if (!child) {
		if (dup2(ends[1], 3) != 3)
			_exit(1);
		closefrom(4);
		close(STDIN_FILENO);
		close(STDOUT_FILENO);
		close(STDERR_FILENO);
		/* It ends with the helper, whose signals it has inherited. */
		signal(SIGTERM, SIG_DFL);
		signal(SIGHUP, SIG_DFL);
		signal(SIGINT, SIG_DFL);
		answer_questions(roots, 3);
	}
	err = errno;
	close(ends[1]);
	if (child < 0) {
		close(ends[0]);
		errno = err;
		return -1;
	}
	reader = ends[0];
	reader_pid = child;
	return 0;
}

static bool same_question(const struct question *a, const struct question *b)
{
	return a->of_function == b->of_function && !strcmp(a->address, b->address) &&
	       !strcmp(a->name, b->name);
}

/* Forget readers whose read has finished meanwhile. */
static void forget_finished_readers(void)
{
	size_t i = 0;

	while (i < stuck_count) {
		struct pollfd fd = {.fd = stuck[i].fd, .events = POLLIN};

		if (poll(&fd, 1, 0) > 0) {
			/* Its end of the pair closes with it, or when it goes on. */
			close(stuck[i].fd);
			stuck[i] = stuck[--stuck_count];
		} else {
			i++;
		}
	}
}

/* Whether asking would only leave one more reader behind. */
static bool is_known_stuck(const struct question *q)
{
	size_t i;

	for (i = 0; i < stuck_count; i++)
		if (same_question(&stuck[i].question, q) ||
		    (stuck_count == STUCK_MAX && !strcmp(stuck[i].question.name, q->name)))
			return true;
	return stuck_count == STUCK_MAX && reader < 0;
}

static void abandon_reader(const struct question *q)
{
	/* If the kernel waits for a lock, the signal takes effect when it has it. */
	kill(reader_pid, SIGKILL);
	if (stuck_count < STUCK_MAX) {
		stuck[stuck_count].fd = reader;
		stuck[stuck_count++].question = *q;
	} else {
		close(reader);
	}
	reader = -1;
}

static int reader_is_gone(void)
{
	close(reader);
	reader = -1;
	errno = ECHILD;
	return -1;
}

static int ask_reader(const struct question *q, struct reading *r)
{
	struct pollfd fd = {.fd = reader, .events = POLLIN};
	/* Where some are held up many may be, and a list must not take as many seconds. */
	int limit_ms = stuck_count ? ATTR_LIMIT_MS / 10 : ATTR_LIMIT_MS;
	int n;

	if (send(reader, q, sizeof(*q), MSG_NOSIGNAL) != (ssize_t)sizeof(*q))
		return reader_is_gone();
	while ((n = poll(&fd, 1, limit_ms)) < 0 && errno == EINTR)
		;
	if (!n) {
		abandon_reader(q);
		errno = ETIMEDOUT;
		return -1;
	}
	if (n > 0 && recv(reader, r, sizeof(*r), MSG_DONTWAIT) == (ssize_t)sizeof(*r))
		return 0;
	return reader_is_gone();
}

void sysfs_read_end(void)
{
	if (reader >= 0)
		close(reader);
	reader = -1;
}

long sysfs_read(const struct roots *roots, const char *address, const char *name,
		char value[ATTR_MAX])
{
	struct question q = {.of_function = address != NULL};
	struct reading r;

	if ((address &&
	     snprintf(q.address, sizeof(q.address), "%s", address) >= (int)sizeof(q.address)) ||
	    snprintf(q.name, sizeof(q.name), "%s", name) >= (int)sizeof(q.name)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	forget_finished_readers();
	if (is_known_stuck(&q)) {
		errno = ETIMEDOUT;
		return -1;
	}
	if ((reader < 0 && start_reader(roots)) || ask_reader(&q, &r))
		return -1;
	if (r.len < 0) {
		errno = r.err;
		return -1;
	}
	memcpy(value, r.value, (size_t)r.len + 1);
	return r.len;
}
