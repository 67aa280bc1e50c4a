/* SPDX-License-Identifier: MIT */
#ifndef ISM_FAILURE_H
#define ISM_FAILURE_H

#include <stdbool.h>

/*
 * Why an operation did not happen, in the words the user will read. The code is an errno's name
 * or one of the helper's own words (see docs/reference/helper-protocol.md); the rule names the
 * broken store rule.
 */
struct failure {
	char code[32];
	char rule[48];
	char message[400];
};

/*
 * Fill @f and return -1, so that a caller can write "return fail(...)". @rule may be NULL. Bytes
 * that are no UTF-8 become question marks: a message is part of an answer in JSON.
 */
int fail(struct failure *f, const char *code, const char *rule, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* The same with the code taken from @err, an errno value, whose meaning is appended. */
int fail_errno(struct failure *f, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Go on with the sentence of @f. */
void fail_more(struct failure *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Whether @f has this code. */
bool failure_is(const struct failure *f, const char *code);

/* "EINVAL" for EINVAL; never NULL. */
const char *errno_name(int err);

#endif
