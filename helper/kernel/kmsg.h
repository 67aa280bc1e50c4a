/* SPDX-License-Identifier: MIT */
#ifndef ISM_KMSG_H
#define ISM_KMSG_H

#include <jansson.h>
#include <stdint.h>

#include "sysfs/sysfs.h"

/* Instead of a sequence number: no records, only the end of the log. */
#define KMSG_END UINT64_MAX

/*
 * The records of the kernel's log (/dev/kmsg below the root of devices) from sequence number @from
 * on: {records: [[sequence, microseconds since boot, level, text], ...], next, more, lost}. An
 * answer has a bound; with `more` the next one goes on at `next`. `lost` is how many records the
 * ring had overwritten. What programs wrote to the log is passed over. NULL with @f when it cannot
 * be read.
 */
json_t *kmsg_read(const struct roots *roots, uint64_t from, struct failure *f);

#endif
