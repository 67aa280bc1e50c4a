/* SPDX-License-Identifier: MIT */
#ifndef ISM_SHA256_H
#define ISM_SHA256_H

#include <stddef.h>

#define SHA256_DIGITS 64

/* SHA-256 (FIPS 180-4) of @len bytes as lower-case hex digits, terminated. */
void sha256_hex(const unsigned char *data, size_t len, char hex[SHA256_DIGITS + 1]);

#endif
