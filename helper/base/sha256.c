// SPDX-License-Identifier: MIT
/*
 * SHA-256 as FIPS 180-4 defines it. Its constants are computed as the standard derives them, from
 * the square and cube roots of the first primes, so that no table can have a digit wrong.
 */
#include "base/sha256.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define BLOCK 64
#define WORDS 8
#define ROUNDS 64

/* The first 32 bits behind the point of the square (@power 2) or cube root of @n. */
static uint32_t root_fraction(unsigned int n, int power)
{
	unsigned __int128 wanted = (unsigned __int128)n << (32 * power);
	uint64_t root = 0;
	int bit;

	/* The largest root whose power is no more than n * 2^(32 * power); n < 512, so < 2^37. */
	for (bit = 37; bit >= 0; bit--) {
		uint64_t more = root | (uint64_t)1 << bit;
		unsigned __int128 product = (unsigned __int128)more * more;

		if (power == 3)
			product *= more;
		if (product <= wanted)
			root = more;
	}
	return (uint32_t)root;
}

static void constants(uint32_t start[WORDS], uint32_t k[ROUNDS])
{
	unsigned int n = 2;
	int found;

	for (found = 0; found < ROUNDS; n++) {
		unsigned int d = 2;

		while (d * d <= n && n % d)
			d++;
		if (d * d <= n)
			continue;
		if (found < WORDS)
			start[found] = root_fraction(n, 2);
		k[found++] = root_fraction(n, 3);
	}
}

static uint32_t rotate(uint32_t x, int by)
{
	return x >> by | x << (32 - by);
}

static void take_block(uint32_t state[WORDS], const uint32_t k[ROUNDS], const unsigned char *block)
{
	uint32_t w[ROUNDS];
	uint32_t v[WORDS];
	int i;

	for (i = 0; i < 16; i++)
		w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
		       (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
	for (; i < ROUNDS; i++) {
		uint32_t a = w[i - 15];
		uint32_t b = w[i - 2];

		w[i] = w[i - 16] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + w[i - 7] +
		       (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
	}
	memcpy(v, state, sizeof(v));
	for (i = 0; i < ROUNDS; i++) {
		uint32_t e = v[4];
		uint32_t a = v[0];
		uint32_t t1 = v[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +
			      ((e & v[5]) ^ (~e & v[6])) + k[i] + w[i];
		uint32_t t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) +
			      ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));

		memmove(v + 1, v, (WORDS - 1) * sizeof(v[0]));
		v[4] += t1;
		v[0] = t1 + t2;
	}
	for (i = 0; i < WORDS; i++)
		state[i] += v[i];
}

void sha256_hex(const unsigned char *data, size_t len, char hex[SHA256_DIGITS + 1])
{
	uint64_t bits = (uint64_t)len * 8;
	unsigned char tail[2 * BLOCK] = {0};
	uint32_t state[WORDS];
	uint32_t k[ROUNDS];
	size_t rest = len % BLOCK;
	size_t end = rest < BLOCK - 8 ? BLOCK : 2 * BLOCK;
	size_t i;

	constants(state, k);
	for (i = 0; i + BLOCK <= len; i += BLOCK)
		take_block(state, k, data + i);
	if (rest)
		memcpy(tail, data + i, rest);
	tail[rest] = 0x80;
	for (i = 0; i < 8; i++)
		tail[end - 1 - i] = (unsigned char)(bits >> (8 * i));
	for (i = 0; i < end; i += BLOCK)
		take_block(state, k, tail + i);
	for (i = 0; i < WORDS; i++)
		snprintf(hex + 8 * i, 9, "%08x", state[i]);
}
