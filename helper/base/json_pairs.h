/* SPDX-License-Identifier: MIT */
#ifndef ISM_JSON_PAIRS_H
#define ISM_JSON_PAIRS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* A member of a JSON object. The object takes the value over. */
struct json_pair {
	const char *key;
	json_t *value;
};

/*
 * An object of these pairs, in their order: JSON_OBJECT(PAIR_TEXT("name", name), ...). NULL when a
 * value is NULL, as when memory is exhausted or a text is not UTF-8; the other values are freed.
 */
#define JSON_OBJECT(...) json_object_of((struct json_pair[]){__VA_ARGS__, {NULL, NULL}})

#define PAIR(key, value)                                                                           \
	{                                                                                          \
		key, value                                                                         \
	}
#define PAIR_TEXT(key, text) PAIR(key, json_string(text))
#define PAIR_TEXT_OR_NULL(key, text) PAIR(key, text_or_null_json(text))
#define PAIR_NUMBER(key, number) PAIR(key, json_integer((json_int_t)(number)))
#define PAIR_REAL(key, number) PAIR(key, json_real(number))
#define PAIR_BOOL(key, value) PAIR(key, json_boolean(value))
#define PAIR_HEX64(key, value) PAIR(key, hex64_json(value))
#define PAIR_DATA(key, data, len) PAIR(key, data_json(data, len))

/* @pairs ends with a key of NULL. */
json_t *json_object_of(const struct json_pair *pairs);

/* Null for NULL and for "". */
json_t *text_or_null_json(const char *text);

/* 64-bit values as "0x...", bytes as hex digits in memory order. */
json_t *hex64_json(uint64_t value);
json_t *data_json(const unsigned char *data, size_t len);

/* CLEANUP_JSON json_t *list: freed where it goes out of scope, unless json_take() took it. */
#define CLEANUP_JSON __attribute__((cleanup(cleanup_json)))

static inline void cleanup_json(json_t **value)
{
	json_decref(*value);
}

static inline json_t *json_take(json_t **value)
{
	json_t *taken = *value;

	*value = NULL;
	return taken;
}

#endif
