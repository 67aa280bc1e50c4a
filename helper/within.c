// SPDX-License-Identifier: MIT
#include "within.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

/* The part of the other process: call, tell errno, end. It holds nothing of the session open. */
static void call_and_tell(int (*call)(const void *), const void *argument, int tell)
{
	int err;

	/* The session's channel and its devices must not stay open because the kernel is slow. */
	if (dup2(tell, 3) != 3)
		_exit(1);
	closefrom(4);
	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	close(STDERR_FILENO);
	err = call(argument) ? errno : 0;
	(void)!write(3, &err, sizeof(err));
	_exit(0);
}

int call_within(int (*call)(const void *argument), const void *argument, int limit_ms)
{
	struct pollfd done = {.events = POLLIN};
	int err = ECHILD;
	int ends[2];
	pid_t child;
	int n;

	if (pipe2(ends, O_CLOEXEC))
		return -1;
	child = fork();
	if (!child)
		call_and_tell(call, argument, ends[1]);
	if (child < 0)
		err = errno;
	close(ends[1]);
	done.fd = ends[0];
	if (child > 0) {
		while ((n = poll(&done, 1, limit_ms)) < 0 && errno == EINTR)
			;
		if (!n)
			err = EINPROGRESS;
		else if (read(ends[0], &err, sizeof(err)) != (ssize_t)sizeof(err))
			err = ECHILD;
	}
	close(ends[0]);
	errno = err;
	return err ? -1 : 0;
}
