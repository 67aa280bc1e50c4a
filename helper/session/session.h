/* SPDX-License-Identifier: MIT */
#ifndef ISM_SESSION_H
#define ISM_SESSION_H

#include <jansson.h>

#include "kernel/modules.h"
#include "session/session_devices.h"
#include "stores/script.h"
#include "session/watch.h"

/* One helper process serves one session: open devices, and former drivers that restore can bring
 * back. */
struct session {
	struct roots roots;
	struct session_devices open;
	struct watch watch;
	json_t *formers; /* address -> {driver, driverOverride} */
	/* Answers requests that came while an operation runs; -1 when the input has ended. */
	int (*attend)(struct session *session);
	/* Sends a line, which it frees, and a newline; -1 when the peer is gone. */
	int (*say)(char *line);
	/* The id of the burst or script that runs, or -1; meanwhile see OP_WHILE_RUNNING. */
	json_int_t running;
	bool stop_asked;
	struct script script;	   /* the steps loaded so far by `script-load` */
	struct module_image image; /* likewise `module-data` */
};

void session_init(struct session *s, const struct roots *roots);
void session_end(struct session *s);

#endif
