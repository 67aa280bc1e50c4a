/* SPDX-License-Identifier: MIT */
/*
 * Generated from protocol/ by helper/reference.ts; do not edit. UPDATE_REFERENCE=1 with the unit
 * tests of helper/ writes it.
 */
/* clang-format off */
#ifndef ISM_PROTOCOL_LIMITS_H
#define ISM_PROTOCOL_LIMITS_H

/* Both ends must speak this version. */
#define PROTOCOL_VERSION 5

/* Bytes of a line. A store of 4096 bytes needs 8192 digits; the rest is room. */
#define MAX_LINE 65536

/* Functions that one session has open. */
#define MAX_DEVICES 64

/* Seconds: the shortest silence after which the helper may end (ping). */
#define SILENCE_MIN 2

/* Seconds: the longest. */
#define SILENCE_MAX 3600

/* Seconds that unregistering and closing may take. */
#define SESSION_END_SECONDS 5

/* Milliseconds that the helper waits for a reader once its input has ended. */
#define READER_LIMIT_MS 4000

/* Milliseconds that the kernel may take for one sysfs attribute. */
#define ATTR_LIMIT_MS 1000

/* Milliseconds that the kernel may take for one write to sysfs. */
#define WRITE_LIMIT_MS 5000

/* Functions in one plan-bind or plan-restore. */
#define PLANS_MAX 64

/* Bytes of one store, which must not cross a block of this size (drivers/vfio/pci/ism/main.c). */
#define STORE_BLOCK 4096

/* Bytes of one read. */
#define READ_MAX 4096

/* Stores of one burst, and rounds of one repeat. */
#define BURST_MAX 1000000

/* Buckets of latency in one answer. */
#define HISTOGRAM_PAIRS_MAX 2000

/* Steps of a script. */
#define SCRIPT_MAX_STEPS 10000

/* Bytes of data of a script. */
#define SCRIPT_MAX_BYTES 4194304

/* Repeats around a step. */
#define SCRIPT_MAX_DEPTH 8

/* Steps that a script carries out; each store of a burst counts as one. */
#define SCRIPT_MAX_TOTAL 10000000

/* Nanoseconds of one sleep. */
#define SCRIPT_MAX_SLEEP_NS 60000000000

/* Buffers of one function. */
#define DMBS_MAX 4

/* Buffers are whole pages of this size. */
#define DMB_PAGE 4096

/* Bytes of one buffer. */
#define DMB_SIZE_MAX 65536

/* Milliseconds that dmb-store waits for the signal. */
#define DMB_WAIT_MAX_MS 5000

/* Bytes in one module-data. */
#define MODULE_PIECE_MAX 30000

/* Bytes of a module. */
#define MODULE_IMAGE_MAX 33554432

/* Characters of a module name (MODULE_NAME_LEN is 64 less a pointer). */
#define MODULE_NAME_MAX 55

/* Bytes of the parameters of a module. */
#define MODULE_PARAMETERS_MAX 1024

/* Holders, drivers and functions in each list of module. */
#define MODULE_LIST_MAX 64

/* Milliseconds that loading or removing a module may take. */
#define MODULE_LIMIT_MS 15000

/* Records in one answer to kernel-log. */
#define KERNEL_LOG_RECORDS_MAX 400

/* Functions that change at once before the event is overflow. */
#define WATCH_MAX 256

#endif
