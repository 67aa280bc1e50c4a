/* SPDX-License-Identifier: MIT */
#ifndef ISM_OPERATIONS_H
#define ISM_OPERATIONS_H

#include "base/fields.h"
#include "operations/operation_rows.h"
#include "session/session.h"

/* It touches no device, so it is carried out while a burst or script runs. */
#define OP_WHILE_RUNNING 1u
/* On the host the caller must be root in its own right (root_required()). */
#define OP_NEEDS_ROOT 2u

/* An operation of the protocol, as protocol/helperDescription.ts describes it. */
struct operation {
	const char *name;
	const char *fields[MAX_FIELDS];
	unsigned int flags;
	json_t *(*run)(struct session *s, const json_t *req, struct failure *f);
};

/* The operations on an open device, in device_operations.c. */
json_t *op_open(struct session *s, const json_t *req, struct failure *f);
json_t *op_close(struct session *s, const json_t *req, struct failure *f);
json_t *op_regions(struct session *s, const json_t *req, struct failure *f);
json_t *op_read(struct session *s, const json_t *req, struct failure *f);
json_t *op_store(struct session *s, const json_t *req, struct failure *f);

/* Many stores, and their end, in burst_operations.c. */
json_t *op_burst(struct session *s, const json_t *req, struct failure *f);
json_t *op_stop(struct session *s, const json_t *req, struct failure *f);

/* A run_attend for bursts and scripts. @context is the session. */
enum run_end attend_run(void *context);

/* Buffers that other functions store into, in dmb_operations.c. */
json_t *op_gid(struct session *s, const json_t *req, struct failure *f);
json_t *op_dmb_register(struct session *s, const json_t *req, struct failure *f);
json_t *op_dmb_unregister(struct session *s, const json_t *req, struct failure *f);
json_t *op_dmb_read(struct session *s, const json_t *req, struct failure *f);
json_t *op_dmb_store(struct session *s, const json_t *req, struct failure *f);

/* Scripts, in script_operations.c. */
json_t *op_script_load(struct session *s, const json_t *req, struct failure *f);
json_t *op_script_run(struct session *s, const json_t *req, struct failure *f);

/* Those that change a function's driver or plan it, in bind_operations.c. */
json_t *op_usage(struct session *s, const json_t *req, struct failure *f);
json_t *op_plan_bind(struct session *s, const json_t *req, struct failure *f);
json_t *op_bind(struct session *s, const json_t *req, struct failure *f);
json_t *op_plan_restore(struct session *s, const json_t *req, struct failure *f);
json_t *op_restore(struct session *s, const json_t *req, struct failure *f);

/* Modules and the kernel log, in module_operations.c. */
json_t *op_module(struct session *s, const json_t *req, struct failure *f);
json_t *op_module_remove(struct session *s, const json_t *req, struct failure *f);
json_t *op_module_data(struct session *s, const json_t *req, struct failure *f);
json_t *op_module_insert(struct session *s, const json_t *req, struct failure *f);
json_t *op_kernel_log(struct session *s, const json_t *req, struct failure *f);

/* NULL when @name is NULL or unknown. */
const struct operation *operation_find(const char *name);

#endif
