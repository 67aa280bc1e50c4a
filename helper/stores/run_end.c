// SPDX-License-Identifier: MIT
#include "stores/run_end.h"

#include <stddef.h>

const char *run_end_name(enum run_end end)
{
	switch (end) {
	case RUN_CONTINUES:
		break;
	case RUN_STOPPED:
		return "stop";
	case RUN_NO_INPUT:
		return "input";
	case RUN_COUNT:
		return "count";
	case RUN_ERROR:
		return "error";
	case RUN_DONE:
		return "done";
	case RUN_FAILED:
		return "failed";
	case RUN_REFUSED:
		return "refused";
	}
	return NULL;
}
