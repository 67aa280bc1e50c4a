// SPDX-License-Identifier: MIT
#include "kernel/smc.h"

#include <errno.h>
#include <linux/smc.h>
#include <string.h>

#include "base/fields.h"

/* The nest of type @wanted among @attributes; false when there is none. */
static bool find_nest(struct nl_span attributes, uint16_t wanted, struct nl_span *inside)
{
	struct nl_attr attr;

	while (nl_next_attr(&attributes, &attr))
		if (attr.type == wanted) {
			*inside = attr.data;
			return true;
		}
	return false;
}

static void mark_unreadable(struct smc_view *view, const char *what)
{
	view->answer = SMC_UNKNOWN;
	fail(&view->why, "EBADMSG", NULL, "this helper cannot parse the %s that SMC lists", what);
}

void smc_device_each(struct nl_span attributes, void *arg)
{
	struct smc_view *view = arg;
	struct smc_device device = {0};
	bool has_count = false;
	struct nl_span inside;
	struct nl_attr attr;

	if (!find_nest(attributes, SMC_GEN_DEV_SMCD, &inside)) {
		mark_unreadable(view, "devices");
		return;
	}
	while (nl_next_attr(&inside, &attr)) {
		if (attr.type == SMC_NLA_DEV_USE_CNT)
			has_count = nl_u32(&attr, &device.groups);
		if (attr.type == SMC_NLA_DEV_PCI_ID)
			nl_text(&attr, device.address, sizeof(device.address));
	}
	if (!has_count || !*device.address || view->device_count == SMC_DEVICES_MAX)
		mark_unreadable(view, "devices");
	else if (is_address(device.address)) /* else it is no PCI function, so none of ours */
		view->devices[view->device_count++] = device;
}

void smc_group_each(struct nl_span attributes, void *arg)
{
	struct smc_view *view = arg;
	struct smc_group group = {0};
	bool has_gid = false;
	bool has_count = false;
	struct nl_span inside;
	struct nl_attr attr;

	if (!find_nest(attributes, SMC_GEN_LGR_SMCD, &inside)) {
		mark_unreadable(view, "link groups");
		return;
	}
	while (nl_next_attr(&inside, &attr)) {
		if (attr.type == SMC_NLA_LGR_D_GID)
			has_gid = nl_u64(&attr, &group.gid);
		if (attr.type == SMC_NLA_LGR_D_CONNS_NUM)
			has_count = nl_u32(&attr, &group.connections);
	}
	if (!has_gid || !has_count || view->group_count == SMC_GROUPS_MAX)
		mark_unreadable(view, "link groups");
	else
		view->groups[view->group_count++] = group;
}

static void forget_devices(void *arg)
{
	struct smc_view *view = arg;

	view->answer = SMC_KNOWN;
	view->device_count = 0;
}

static void forget_groups(void *arg)
{
	struct smc_view *view = arg;

	view->answer = SMC_KNOWN;
	view->group_count = 0;
}

void smc_query(struct smc_view *view, bool with_groups)
{
	uint16_t family;

	memset(view, 0, sizeof(*view));
	if (nl_family(SMC_GENL_FAMILY_NAME, &family)) {
		/* No family, or no generic netlink at all: no SMC either. */
		if (errno == ENOENT || errno == EPROTONOSUPPORT || errno == EAFNOSUPPORT)
			return;
		view->answer = SMC_UNKNOWN;
		fail_errno(&view->why, errno, "cannot find out whether the kernel has SMC");
		return;
	}
	if (nl_dump(family, SMC_NETLINK_GET_DEV_SMCD, smc_device_each, forget_devices, view)) {
		view->answer = SMC_UNKNOWN;
		fail_errno(&view->why, errno, "SMC does not list its devices");
	}
	if (view->answer != SMC_KNOWN || !with_groups)
		return;
	if (nl_dump(family, SMC_NETLINK_GET_LGR_SMCD, smc_group_each, forget_groups, view)) {
		view->answer = SMC_UNKNOWN;
		fail_errno(&view->why, errno, "SMC does not list its link groups");
	}
}
