/* SPDX-License-Identifier: MIT */
#ifndef ISM_SMC_H
#define ISM_SMC_H

#include <stddef.h>
#include <stdint.h>

#include "kernel/netlink.h"

/* More than a host has: a machine has some hundreds of functions, SMC-D one group for each peer. */
#define SMC_DEVICES_MAX 512
#define SMC_GROUPS_MAX 4096

struct smc_device {
	char address[32];
	uint32_t groups; /* link groups over it, lingering ones too */
};

struct smc_group {
	uint64_t gid; /* of the function that it goes over */
	uint32_t connections;
};

enum smc_answer {
	SMC_ABSENT,  /* the kernel has no SMC, so nothing uses it */
	SMC_KNOWN,   /* it answered */
	SMC_UNKNOWN, /* it did not; the failure has the reason */
};

/* What SMC's generic netlink family reports of SMC-D (net/smc/smc_ism.c, smc_core.c). */
struct smc_view {
	enum smc_answer answer;
	struct failure why;
	size_t device_count;
	struct smc_device devices[SMC_DEVICES_MAX];
	size_t group_count;
	struct smc_group groups[SMC_GROUPS_MAX];
};

/* Ask for the devices alone, or for the link groups with their connections too. */
void smc_query(struct smc_view *view, bool with_groups);

/* One message of either dump, for smc_query() and for tests; the argument is a struct smc_view. */
nl_each smc_device_each;
nl_each smc_group_each;

#endif
