/* SPDX-License-Identifier: MIT */
/*
 * Generated from protocol/ by helper/reference.ts; do not edit. UPDATE_REFERENCE=1 with the unit
 * tests of helper/ writes it.
 */
/* clang-format off */
#ifndef ISM_OPERATION_ROWS_H
#define ISM_OPERATION_ROWS_H

/* The most fields, and the NULL that ends them. */
#define MAX_FIELDS 10
/* The same for a step, which has "do" as well. */
#define MAX_STEP_FIELDS 7

/* Rows of struct operation. */
#define OPERATION_ROWS \
	{"hello", {NULL}, 0, op_hello}, \
	{"ping", {"silence"}, OP_WHILE_RUNNING, op_ping}, \
	{"list", {NULL}, 0, op_list}, \
	{"describe", {"address"}, 0, op_describe}, \
	{"usage", {"address"}, 0, op_usage}, \
	{"plan-bind", {"addresses", "driver"}, 0, op_plan_bind}, \
	{"bind", {"address", "driver", "force", "plan"}, 0, op_bind}, \
	{"plan-restore", {"functions"}, 0, op_plan_restore}, \
	{"restore", {"address", "former", "plan"}, 0, op_restore}, \
	{"watch", {NULL}, 0, op_watch}, \
	{"unwatch", {NULL}, 0, op_unwatch}, \
	{"open", {"address", "api"}, 0, op_open}, \
	{"close", {"handle"}, 0, op_close}, \
	{"regions", {"handle"}, 0, op_regions}, \
	{"read", {"handle", "region", "offset", "length"}, 0, op_read}, \
	{"store", {"handle", "region", "offset", "data"}, 0, op_store}, \
	{"burst", {"handle", "region", "offset", "step", "data", "size", "seed", "count", "stopOnError"}, 0, op_burst}, \
	{"script-load", {"first", "steps"}, 0, op_script_load}, \
	{"script-run", {"handle", "steps"}, 0, op_script_run}, \
	{"gid", {"handle"}, 0, op_gid}, \
	{"dmb-register", {"handle", "size", "user"}, 0, op_dmb_register}, \
	{"dmb-unregister", {"dmb"}, 0, op_dmb_unregister}, \
	{"dmb-read", {"dmb", "offset", "length"}, OP_WHILE_RUNNING, op_dmb_read}, \
	{"dmb-store", {"dmb", "handle", "offset", "data", "waitMs"}, 0, op_dmb_store}, \
	{"stop", {"request"}, OP_WHILE_RUNNING, op_stop}, \
	{"module", {"name"}, 0, op_module}, \
	{"module-remove", {"name"}, OP_NEEDS_ROOT, op_module_remove}, \
	{"module-data", {"first", "data"}, 0, op_module_data}, \
	{"module-insert", {"name", "sha256", "parameters"}, OP_NEEDS_ROOT, op_module_insert}, \
	{"kernel-log", {"from"}, OP_NEEDS_ROOT, op_kernel_log},

/* Rows of struct form: the steps of a script. */
#define SCRIPT_STEP_ROWS \
	{"store", SCRIPT_STORE, {"do", "region", "offset", "data", "error"}}, \
	{"burst", SCRIPT_BURST, {"do", "region", "offset", "data", "count", "step"}}, \
	{"read", SCRIPT_READ, {"do", "region", "offset", "length", "error"}}, \
	{"expect", SCRIPT_EXPECT, {"do", "data", "mask", "at"}}, \
	{"sleep", SCRIPT_SLEEP, {"do", "ns"}}, \
	{"repeat", SCRIPT_REPEAT, {"do", "count"}}, \
	{"end", SCRIPT_END, {"do"}},

#endif
