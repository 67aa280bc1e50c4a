// SPDX-License-Identifier: MIT
#include "base/call_timeout.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

/* Calls that have not finished: descriptors that become readable when they have. */
static int pending[PENDING_CALLS_MAX];
static int pending_count;

/* The child: calls, writes errno to @result, exits. */
static void run_child(int (*call)(const void *), const void *argument, int result, int keep)
{
	int err;

	/* Above the final numbers, so that neither dup2() overwrites the other. */
	result = fcntl(result, F_DUPFD, 16);
	keep = keep < 0 ? open("/dev/null", O_RDONLY) : fcntl(keep, F_DUPFD, 16);
	if (dup2(result, 3) != 3 || dup2(keep, 4) != 4)
		_exit(1);
	closefrom(5);
	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	close(STDERR_FILENO);
	/* A signal that ends the helper must not interrupt the call halfway. */
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	err = call(argument) ? errno : 0;
	(void)!write(3, &err, sizeof(err));
	_exit(0);
}

/* Whether @fd is readable or closed at its other end within @limit_ms: 1, 0, or -1 with errno. */
static int wait_for(int fd, int limit_ms)
{
	struct pollfd done = {.fd = fd, .events = POLLIN};
	int n;

	while ((n = poll(&done, 1, limit_ms)) < 0 && errno == EINTR)
		;
	return n;
}

static void forget_finished_calls(void)
{
	int i = 0;

	while (i < pending_count) {
		if (wait_for(pending[i], 0)) {
			close(pending[i]);
			pending[i] = pending[--pending_count];
		} else {
			i++;
		}
	}
}

int call_with_timeout(int (*call)(const void *argument), const void *argument, int keep,
		      int limit_ms)
{
	int err = ECHILD;
	int ends[2];
	pid_t child;
	int n;

	forget_finished_calls();
	if (pending_count == PENDING_CALLS_MAX) {
		errno = EAGAIN;
		return -1;
	}
	if (pipe2(ends, O_CLOEXEC))
		return -1;
	child = fork();
	if (!child)
		run_child(call, argument, ends[1], keep);
	if (child < 0)
		err = errno;
	close(ends[1]);
	if (child > 0) {
		n = wait_for(ends[0], limit_ms);
		if (!n) {
			pending[pending_count++] = ends[0];
			errno = EINPROGRESS;
			return -1;
		}
		if (n < 0)
			err = errno;
		else if (read(ends[0], &err, sizeof(err)) != (ssize_t)sizeof(err))
			err = ECHILD;
	}
	close(ends[0]);
	errno = err;
	return err ? -1 : 0;
}
