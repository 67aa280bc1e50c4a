/* SPDX-License-Identifier: MIT */
#ifndef ISM_ANSWER_H
#define ISM_ANSWER_H

#include "session/session.h"

/*
 * Answer one line: returns what to send back, without the newline, to be freed by the caller;
 * NULL only when memory is exhausted.
 */
char *answer_request(struct session *s, const char *line, size_t len);

/* An answer for a line that could not be read at all. */
char *answer_unreadable(const char *code, const char *message);

#endif
