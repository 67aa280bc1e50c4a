/* SPDX-License-Identifier: MIT */
#ifndef ISM_RUN_END_H
#define ISM_RUN_END_H

/* Why a burst or script ended; the names in answers are those of BurstEnd and ScriptEnd. */
enum run_end {
	RUN_CONTINUES, /* it has not ended */
	RUN_STOPPED,   /* the client requested it */
	RUN_NO_INPUT,  /* the client is gone */
	RUN_COUNT,     /* a burst sent all its stores */
	RUN_ERROR,     /* a store of a burst failed */
	RUN_DONE,      /* a script carried out all its steps */
	RUN_FAILED,    /* a step of a script failed; it was carried out */
	RUN_REFUSED,   /* a step of a script failed a check; nothing was sent */
};

/* "stop" for RUN_STOPPED and so on. */
const char *run_end_name(enum run_end end);

/* Called now and then while a burst or script runs: whether to end it, and why. */
typedef enum run_end (*run_attend)(void *context);

#endif
