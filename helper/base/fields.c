// SPDX-License-Identifier: MIT
#include "base/fields.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Count the lower-case hex digits at @s, at most @max. */
static size_t span_hex(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && hex_digit(s[n]) >= 0 && !isupper((unsigned char)s[n]))
		n++;
	return n;
}

/* A zPCI domain is the UID and may have more than four digits. */
bool is_address(const char *s)
{
	size_t domain = span_hex(s, 8);

	if (domain < 4 || s[domain] != ':')
		return false;
	s += domain + 1;
	return span_hex(s, 2) == 2 && s[2] == ':' && span_hex(s + 3, 2) == 2 && s[5] == '.' &&
	       s[6] >= '0' && s[6] <= '7' && s[7] == '\0';
}

static int field_must_be(struct failure *f, const char *name, const char *form)
{
	return fail(f, "EINVAL", NULL, "the field '%s' must be %s", name, form);
}

int field_address(const json_t *req, const char **address, struct failure *f)
{
	const char *s = json_string_value(json_object_get(req, "address"));

	if (!s || !is_address(s))
		return field_must_be(f, "address", "a PCI address such as 0051:00:00.0");
	*address = s;
	return 0;
}

int field_uint(const json_t *req, const char *name, uint64_t min, uint64_t max, uint64_t *value,
	       struct failure *f)
{
	const json_t *v = json_object_get(req, name);
	json_int_t n = json_integer_value(v);

	if (!json_is_integer(v) || n < 0 || (uint64_t)n < min || (uint64_t)n > max)
		return fail(f, "EINVAL", NULL,
			    "the field '%s' must be a whole number from %" PRIu64 " to %" PRIu64,
			    name, min, max);
	*value = (uint64_t)n;
	return 0;
}

int field_hex64(const json_t *req, const char *name, uint64_t *value, struct failure *f)
{
	const char *s = json_string_value(json_object_get(req, name));
	uint64_t n = 0;
	size_t i;

	if (!s || s[0] != '0' || s[1] != 'x' || !s[2] || strlen(s) > 18)
		return field_must_be(f, name, "0x and 1 to 16 hex digits");
	for (i = 2; s[i]; i++) {
		int d = hex_digit(s[i]);

		if (d < 0)
			return field_must_be(f, name, "0x and 1 to 16 hex digits");
		n = n << 4 | (uint64_t)d;
	}
	*value = n;
	return 0;
}

int field_data(const json_t *req, const char *name, unsigned char *data, size_t max, size_t *len,
	       struct failure *f)
{
	const json_t *v = json_object_get(req, name);
	const char *s = json_string_value(v);
	size_t digits = json_string_length(v);
	size_t i;

	if (!s)
		return field_must_be(f, name, "hex digits");
	if (digits % 2)
		return fail(
			f, "EINVAL", NULL,
			"the field '%s' has %zu hex digits; a byte needs two, so one is missing",
			name, digits);
	if (digits / 2 > max)
		return fail(f, "EINVAL", "store-too-long",
			    "the field '%s' holds %zu bytes; at most %zu are accepted", name,
			    digits / 2, max);
	for (i = 0; i < digits; i += 2) {
		int hi = hex_digit(s[i]);
		int lo = hex_digit(s[i + 1]);

		if (hi < 0 || lo < 0)
			return fail(
				f, "EINVAL", NULL,
				"the field '%s' has something other than hex digits at digit %zu",
				name, hi < 0 ? i : i + 1);
		data[i / 2] = (unsigned char)(hi << 4 | lo);
	}
	*len = digits / 2;
	return 0;
}

int field_bool(const json_t *req, const char *name, bool *value, struct failure *f)
{
	const json_t *v = json_object_get(req, name);

	if (!v)
		return 0;
	if (!json_is_boolean(v))
		return field_must_be(f, name, "true or false");
	*value = json_is_true(v);
	return 0;
}

int field_driver(const json_t *req, const char *name, const char **value, struct failure *f)
{
	const json_t *v = json_object_get(req, name);
	const char *s = json_string_value(v);
	size_t i;

	*value = NULL;
	if (!v || json_is_null(v))
		return 0;
	if (!s || !*s || json_string_length(v) > 64 || strlen(s) != json_string_length(v))
		return field_must_be(f, name, "a driver's name of 1 to 64 characters");
	/* The name becomes part of a sysfs path and of an attribute's text: no '/', no newline. */
	for (i = 0; s[i]; i++)
		if (!isalnum((unsigned char)s[i]) && !strchr("_-+.", s[i]))
			return field_must_be(f, name,
					     "letters, digits, '_', '-', '+' and '.' only");
	if (s[0] == '.')
		return field_must_be(f, name, "a driver's name, which does not start with a dot");
	*value = s;
	return 0;
}

int fields_known(const json_t *req, const char *const *allowed, struct failure *f)
{
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)req, key, value) {
		size_t i = 0;

		if (!strcmp(key, "id") || !strcmp(key, "op"))
			continue;
		while (allowed[i] && strcmp(allowed[i], key))
			i++;
		if (!allowed[i])
			return fail(f, "EINVAL", NULL,
				    "the field '%.40s' is not known to this operation", key);
	}
	return 0;
}
