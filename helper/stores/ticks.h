/* SPDX-License-Identifier: MIT */
#ifndef ISM_TICKS_H
#define ISM_TICKS_H

#include <stdint.h>

#include "vfio/access.h"

/*
 * A clock for what lasts as long as a store. On s390x it is the time-of-day clock, read by one
 * instruction (STCKF, z/Architecture Principles of Operation, which lets every program use it);
 * CLOCK_MONOTONIC goes through code and data of the kernel and the C library on pages of their own,
 * each of which has to be translated again after every system call.
 */
static inline uint64_t ticks_now(void)
{
#ifdef __s390x__
	uint64_t tod;

	__asm__ volatile("stckf %0" : "=Q"(tod) : : "cc");
	return tod;
#else
	return now_ns();
#endif
}

/* @ticks, a difference, in nanoseconds. Bit 51 of the time of day is a microsecond. */
static inline uint64_t ticks_ns(uint64_t ticks)
{
#ifdef __s390x__
	return (ticks >> 9) * 125 + (((ticks & 511) * 125) >> 9);
#else
	return ticks;
#endif
}

/* So many ticks are @ns nanoseconds. */
static inline uint64_t ns_ticks(uint64_t ns)
{
#ifdef __s390x__
	return (ns / 125) * 512 + (ns % 125) * 512 / 125;
#else
	return ns;
#endif
}

#endif
