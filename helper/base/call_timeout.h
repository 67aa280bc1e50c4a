/* SPDX-License-Identifier: MIT */
#ifndef ISM_CALL_TIMEOUT_H
#define ISM_CALL_TIMEOUT_H

/*
 * Do @call in a process of its own, which is left behind when the kernel has not returned
 * within @limit_ms: then -1 with EINPROGRESS. A system call cannot be cancelled, and a
 * helper that waited for it would answer nothing else. @call returns 0, or -1 with errno set, and
 * so does this. The process holds nothing of the session open but @keep (-1: nothing), so that its
 * lock lasts as long as the call. At most PENDING_CALLS_MAX processes are left behind: then -1 with
 * EAGAIN, and @call is not started.
 */
int call_with_timeout(int (*call)(const void *argument), const void *argument, int keep,
		      int limit_ms);

#define PENDING_CALLS_MAX 8

#endif
