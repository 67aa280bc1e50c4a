/* SPDX-License-Identifier: MIT */
#ifndef ISM_CALLER_H
#define ISM_CALLER_H

#include <stdbool.h>

#include "base/failure.h"

/*
 * Determines who started this process, clears the environment, and refuses to run set-user-ID. Call
 * it first. Returns 0, or -1 with a sentence on standard error.
 */
int caller_identify(void);

/*
 * Whether the caller is root in its own right: real, effective and saved user id 0, not through
 * sudo, doas, pkexec or run0, and, if the kernel records it, logged in as root
 * (/proc/self/loginuid, which no program changes after the login).
 */
bool caller_is_root(void);

/*
 * Refuses users who may run only the administrator's helper as root: loading modules is being root,
 * and such a sudo rule (README, Privileges) is meant for binding only. Returns 0, or
 * -1 with @f.
 */
int root_required(struct failure *f);

#endif
