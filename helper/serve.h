/* SPDX-License-Identifier: MIT */
#ifndef ISM_SERVE_H
#define ISM_SERVE_H

#include "session/session.h"

/* Answer standard input on standard output until it ends; returns the process's status. */
int serve(struct session *session);

#endif
