/* SPDX-License-Identifier: MIT */
#ifndef ISM_CALLER_H
#define ISM_CALLER_H

#include <stdbool.h>

#include "base/failure.h"

/*
 * Learn who started this process, forget the environment, and refuse to be a set-user-ID program.
 * To be called first. Returns 0, or -1 with a sentence on standard error.
 */
int caller_identify(void);

/*
 * Whether whoever started this process was root by himself: user id 0 through and through, no
 * program that lends root's rights on the way (sudo, doas, pkexec, run0), and, where the kernel
 * keeps it, a login as root (/proc/self/loginuid, which no program changes after the login).
 */
bool caller_is_root(void);

/*
 * Refuses users who have root's rights for the administrator's helper alone: loading modules is
 * being root, and such a rule of sudo (README, Privileges) is to bind functions only. Returns 0, or
 * -1 with @f.
 */
int root_required(struct failure *f);

#endif
