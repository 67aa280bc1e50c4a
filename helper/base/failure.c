// SPDX-License-Identifier: MIT
#include "base/failure.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *errno_name(int err)
{
	const char *name = strerrorname_np(err);

	return name ? name : "EUNKNOWN";
}

/* The bytes of the UTF-8 sequence at @s, or 0 where none begins that is whole and allowed. */
static size_t utf8_length(const unsigned char *s)
{
	size_t len = 0;
	size_t i;

	if (s[0] < 0x80)
		len = 1;
	else if (s[0] >= 0xc2 && s[0] <= 0xdf)
		len = 2;
	else if (s[0] >= 0xe0 && s[0] <= 0xef)
		len = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		len = 4;
	for (i = 1; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	/* Neither a longer form than needed, nor half of a surrogate pair, nor beyond U+10FFFF. */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90))
		return 0;
	if ((s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return len;
}

/*
 * What a message quotes may be cut in the middle of a character, or be no UTF-8 at all, as a name
 * in sysfs. JSON has no place for such bytes, and an answer that cannot be written ends the helper.
 */
static void keep_utf8(char *text)
{
	while (*text) {
		size_t len = utf8_length((const unsigned char *)text);

		if (len == 0)
			*text = '?';
		text += len ? len : 1;
	}
}

int fail(struct failure *f, const char *code, const char *rule, const char *fmt, ...)
{
	va_list ap;

	snprintf(f->code, sizeof(f->code), "%s", code);
	snprintf(f->rule, sizeof(f->rule), "%s", rule ? rule : "");
	va_start(ap, fmt);
	vsnprintf(f->message, sizeof(f->message), fmt, ap);
	va_end(ap);
	keep_utf8(f->message);
	return -1;
}

void fail_more(struct failure *f, const char *fmt, ...)
{
	size_t used = strlen(f->message);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f->message + used, sizeof(f->message) - used, fmt, ap);
	va_end(ap);
	keep_utf8(f->message);
}

int fail_errno(struct failure *f, int err, const char *fmt, ...)
{
	va_list ap;

	snprintf(f->code, sizeof(f->code), "%s", errno_name(err));
	f->rule[0] = '\0';
	va_start(ap, fmt);
	vsnprintf(f->message, sizeof(f->message), fmt, ap);
	va_end(ap);
	fail_more(f, ": %s", strerror(err));
	return -1;
}

bool failure_is(const struct failure *f, const char *code)
{
	return !strcmp(f->code, code);
}
