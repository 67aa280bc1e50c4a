/* SPDX-License-Identifier: MIT */
#ifndef ISM_OPERATIONS_H
#define ISM_OPERATIONS_H

#include "fields.h"
#include "session.h"

#define MAX_FIELDS 5

/* An operation of the protocol: its name, the fields it takes, and what it does. */
struct operation {
	const char *name;
	const char *fields[MAX_FIELDS];
	json_t *(*run)(struct session *s, const json_t *req, struct failure *f);
};

/* NULL when @name is NULL or unknown. */
const struct operation *operation_find(const char *name);

#endif
