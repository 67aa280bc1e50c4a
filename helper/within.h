/* SPDX-License-Identifier: MIT */
#ifndef ISM_WITHIN_H
#define ISM_WITHIN_H

/*
 * Do @call in a process of its own, which is left to itself when the kernel has not come back
 * within @limit_ms: then -1 with EINPROGRESS. What the kernel is doing cannot be called off, and a
 * helper that waited for it would answer nothing else. @call returns 0, or -1 with errno set, and
 * so does this.
 */
int call_within(int (*call)(const void *argument), const void *argument, int limit_ms);

#endif
