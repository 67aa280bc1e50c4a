/* SPDX-License-Identifier: MIT */
#ifndef ISM_LINK_H
#define ISM_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/protocol_limits.h"

/*
 * The link to the client: standard input and output. It counts as lost when its input has ended,
 * when the process is asked to end, and, once the client has said so, when nothing came for some
 * time. Until then a client may take all the time that it wants to read.
 */

/* @asked_to_end is readable when the process is asked to end. */
void link_init(int asked_to_end);

/* Something came. */
void link_heard(void);

/* From now on the link is lost when nothing came for @seconds; 0: never. */
void link_set_silence(uint32_t seconds);

/* Whether nothing came for too long. */
bool link_is_silent(void);

/* How long poll() may wait until that is so: -1 for ever; else milliseconds. */
int link_timeout_ms(void);

/* Write all of it to standard output; 0, or -1 when the link is lost. */
int link_write(const char *bytes, size_t len);

#endif
