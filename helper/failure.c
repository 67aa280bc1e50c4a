// SPDX-License-Identifier: MIT
#include "failure.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *errno_name(int err)
{
	const char *name = strerrorname_np(err);

	return name ? name : "EUNKNOWN";
}

int fail(struct failure *f, const char *code, const char *rule, const char *fmt, ...)
{
	va_list ap;

	snprintf(f->code, sizeof(f->code), "%s", code);
	snprintf(f->rule, sizeof(f->rule), "%s", rule ? rule : "");
	va_start(ap, fmt);
	vsnprintf(f->message, sizeof(f->message), fmt, ap);
	va_end(ap);
	return -1;
}

int fail_errno(struct failure *f, int err, const char *fmt, ...)
{
	va_list ap;
	size_t used;

	snprintf(f->code, sizeof(f->code), "%s", errno_name(err));
	f->rule[0] = '\0';
	va_start(ap, fmt);
	vsnprintf(f->message, sizeof(f->message), fmt, ap);
	va_end(ap);
	used = strlen(f->message);
	snprintf(f->message + used, sizeof(f->message) - used, ": %s", strerror(err));
	return -1;
}
