// SPDX-License-Identifier: MIT
#include "base/json_pairs.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

json_t *json_object_of(const struct json_pair *pairs)
{
	json_t *object = json_object();
	bool complete = object != NULL;

	/* Every value is taken over, also behind one that is missing. */
	for (; pairs->key; pairs++)
		if (json_object_set_new(object, pairs->key, pairs->value))
			complete = false;
	if (complete)
		return object;
	json_decref(object);
	return NULL;
}

json_t *text_or_null_json(const char *text)
{
	return text && *text ? json_string(text) : json_null();
}

json_t *hex64_json(uint64_t value)
{
	char text[19];

	snprintf(text, sizeof(text), "0x%" PRIx64, value);
	return json_string(text);
}

json_t *data_json(const unsigned char *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	char *text = malloc(len * 2 + 1);
	json_t *result;
	size_t i;

	if (!text)
		return NULL;
	for (i = 0; i < len; i++) {
		text[2 * i] = digits[data[i] >> 4];
		text[2 * i + 1] = digits[data[i] & 15];
	}
	text[2 * len] = '\0';
	result = json_stringn(text, len * 2);
	free(text);
	return result;
}
