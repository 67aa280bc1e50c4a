/* SPDX-License-Identifier: MIT */
#ifndef ISM_FIELDS_H
#define ISM_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>

#include "base/failure.h"

/*
 * Readers for the fields of a request. Each checks type, form and range, and on bad input fills
 * @f with a sentence that names the field; all return 0 or -1.
 */

/* Whether @s is domain:bus:device.function in lower-case hex digits, and nothing more. */
bool is_address(const char *s);

/* A PCI address such as 0051:00:00.0; anything else, such as a path, is refused. */
int field_address(const json_t *req, const char **address, struct failure *f);

/* A whole number from @min to @max. */
int field_uint(const json_t *req, const char *name, uint64_t min, uint64_t max, uint64_t *value,
	       struct failure *f);

/* A 64-bit value as "0x..." with 1 to 16 digits. */
int field_hex64(const json_t *req, const char *name, uint64_t *value, struct failure *f);

/* Hex digits, two a byte, at most @max bytes. */
int field_data(const json_t *req, const char *name, unsigned char *data, size_t max, size_t *len,
	       struct failure *f);

/* An optional boolean; absent means @value is left alone. */
int field_bool(const json_t *req, const char *name, bool *value, struct failure *f);

/* A driver's name as sysfs allows it; absent or null gives NULL. */
int field_driver(const json_t *req, const char *name, const char **value, struct failure *f);

/* Every key of @req must be in @allowed (NULL-terminated) or be "id" or "op". */
int fields_known(const json_t *req, const char *const *allowed, struct failure *f);

#endif
