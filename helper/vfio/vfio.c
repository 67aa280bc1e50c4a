// SPDX-License-Identifier: MIT
/*
 * Opening a vfio device through either of the kernel's interfaces
 * (Documentation/driver-api/vfio.rst): the device file with iommufd where there is one, else the
 * group with a type 1 container. Nothing is mapped for DMA: stores and reads do not need it.
 */
#include "vfio/vfio.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "vfio/uapi.h"

#include "vfio/functions.h"
#include "vfio/window.h"

/* Room for a structure and the capabilities behind it. */
#define INFO_MAX 4096

void vfio_close(struct vfio_device *dev)
{
	/* The device first: the group and the container are busy while it is open. */
	if (dev->fd >= 0)
		close(dev->fd);
	if (dev->group_fd >= 0)
		close(dev->group_fd);
	if (dev->iommu_fd >= 0)
		close(dev->iommu_fd);
	dev->fd = dev->group_fd = dev->iommu_fd = -1;
	dev->used = false;
}

void vfio_query_region(int fd, uint32_t index, struct region *region)
{
	union {
		struct vfio_region_info info;
		unsigned char bytes[INFO_MAX];
	} u;

	memset(&u, 0, sizeof(u));
	memset(region, 0, sizeof(*region));
	u.info.argsz = sizeof(u);
	u.info.index = index;
	if (ioctl(fd, VFIO_DEVICE_GET_REGION_INFO, &u.info)) {
		region->err = errno;
		return;
	}
	region->flags = u.info.flags;
	region->size = u.info.size;
	region->offset = u.info.offset;
}

static void read_capability(struct zpci_info *zpci, const unsigned char *at, size_t room)
{
	struct vfio_info_cap_header header;

	memcpy(&header, at, sizeof(header));
	if (header.id == VFIO_DEVICE_INFO_CAP_ZPCI_BASE &&
	    room >= offsetof(struct vfio_device_info_cap_zpci_base, fh)) {
		struct vfio_device_info_cap_zpci_base base = {0};

		memcpy(&base, at, room < sizeof(base) ? room : sizeof(base));
		zpci->has_base = true;
		zpci->start_dma = base.start_dma;
		zpci->end_dma = base.end_dma;
		zpci->pchid = base.pchid;
		zpci->vfn = base.vfn;
		zpci->pft = base.pft;
		zpci->gid = base.gid;
		zpci->fh = header.version >= 2 ? base.fh : 0;
	}
	if (header.id == VFIO_DEVICE_INFO_CAP_ZPCI_GROUP &&
	    room >= offsetof(struct vfio_device_info_cap_zpci_group, imaxstbl)) {
		struct vfio_device_info_cap_zpci_group group = {0};

		memcpy(&group, at, room < sizeof(group) ? room : sizeof(group));
		zpci->has_group = true;
		zpci->maxstbl = group.maxstbl;
		zpci->imaxstbl = header.version >= 2 ? group.imaxstbl : 0;
	}
}

static int vfio_query_info(struct vfio_device *dev, struct failure *f)
{
	union {
		struct vfio_device_info info;
		unsigned char bytes[INFO_MAX];
	} u;
	uint32_t at;
	uint32_t i;

	memset(&u, 0, sizeof(u));
	u.info.argsz = sizeof(u);
	if (ioctl(dev->fd, VFIO_DEVICE_GET_INFO, &u.info))
		return fail_errno(f, errno, "the driver of %s refused VFIO_DEVICE_GET_INFO",
				  dev->address);
	dev->flags = u.info.flags;
	dev->num_regions = u.info.num_regions;
	dev->num_irqs = u.info.num_irqs;
	at = u.info.flags & VFIO_DEVICE_FLAGS_CAPS ? u.info.cap_offset : 0;
	/* Each step must go forward and stay inside the buffer, even in a corrupt chain. */
	while (at >= sizeof(u.info) && at <= sizeof(u) - sizeof(struct vfio_info_cap_header)) {
		struct vfio_info_cap_header header;

		memcpy(&header, u.bytes + at, sizeof(header));
		read_capability(&dev->zpci, u.bytes + at, sizeof(u) - at);
		if (header.next <= at)
			break;
		at = header.next;
	}
	for (i = 0; i < dev->num_regions && i < MAX_REGIONS; i++)
		vfio_query_region(dev->fd, i, &dev->regions[i]);
	for (; i < MAX_REGIONS; i++)
		dev->regions[i].err = EINVAL;
	for (i = 0; i < MAX_REGIONS; i++)
		dev->regions[i].window = region_window(dev, i);
	return 0;
}

static int explain_open_failure(struct failure *f, const struct roots *roots,
				const struct node *node, const char *address)
{
	char path[PATH_MAX];
	int err = errno;

	node_path(roots, node, path);
	if (err == ENXIO)
		return fail(f, "ENXIO", NULL,
			    "%s is not the device file that the kernel made for %s, so it was not "
			    "opened",
			    path, address);
	if (err == ENOENT)
		return fail(f, "ENOENT", NULL,
			    "this host has no %s; load the module %s there and try again", path,
			    node == &node_iommufd ? "iommufd" : "vfio");

	if (err == EBUSY)
		return fail(f, "EBUSY", NULL,
			    "%s is open in another process; close it there and try again", address);
	if (err == EACCES || err == EPERM)
		return fail(f, errno_name(err), NULL,
			    "this user may not open %s; run as root or give the user read and "
			    "write access to it",
			    path);
	return fail_errno(f, err, "cannot open %s", path);
}

static int open_cdev(struct vfio_device *dev, const struct roots *roots,
		     const struct vfio_nodes *nodes, struct failure *f)
{
	struct vfio_device_bind_iommufd bind = {.argsz = sizeof(bind)};

	dev->cdev = true;
	dev->fd = node_open(roots, &nodes->cdev, O_RDWR);
	if (dev->fd < 0)
		return explain_open_failure(f, roots, &nodes->cdev, dev->address);
	dev->iommu_fd = node_open(roots, &node_iommufd, O_RDWR);
	if (dev->iommu_fd < 0)
		return explain_open_failure(f, roots, &node_iommufd, dev->address);
	bind.iommufd = dev->iommu_fd;
	if (ioctl(dev->fd, VFIO_DEVICE_BIND_IOMMUFD, &bind)) {
		/* A device file can be opened twice, but bound to one iommufd only. */
		if (errno == EINVAL || errno == EBUSY)
			errno = EBUSY;
		return explain_open_failure(f, roots, &nodes->cdev, dev->address);
	}
	return 0;
}

static int open_group(struct vfio_device *dev, const struct roots *roots,
		      const struct vfio_nodes *nodes, struct failure *f)
{
	struct vfio_group_status status = {.argsz = sizeof(status)};
	char container[PATH_MAX];

	dev->cdev = false;
	node_path(roots, &node_container, container);
	dev->group_fd = node_open(roots, &nodes->group, O_RDWR);
	if (dev->group_fd < 0)
		return explain_open_failure(f, roots, &nodes->group, dev->address);
	if (ioctl(dev->group_fd, VFIO_GROUP_GET_STATUS, &status))
		return fail_errno(f, errno, "%s/%s does not answer as a vfio group", roots->dev,
				  nodes->group.name);
	if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE))
		return fail(f, "not-viable", NULL,
			    "the IOMMU group of %s has functions that are bound to other drivers; "
			    "bind all of them to a vfio driver",
			    dev->address);
	dev->iommu_fd = node_open(roots, &node_container, O_RDWR);
	if (dev->iommu_fd < 0)
		return explain_open_failure(f, roots, &node_container, dev->address);
	if (ioctl(dev->iommu_fd, VFIO_GET_API_VERSION) != VFIO_API_VERSION ||
	    ioctl(dev->iommu_fd, VFIO_CHECK_EXTENSION, VFIO_TYPE1v2_IOMMU) != 1)
		return fail(f, "ENOTSUP", NULL,
			    "%s does not offer the type 1 IOMMU; load vfio_iommu_type1", container);
	if (ioctl(dev->group_fd, VFIO_GROUP_SET_CONTAINER, &dev->iommu_fd))
		return fail_errno(f, errno, "cannot add the group of %s to a container",
				  dev->address);
	if (ioctl(dev->iommu_fd, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		return fail_errno(f, errno, "the container of %s refused the type 1 IOMMU",
				  dev->address);
	dev->fd = ioctl(dev->group_fd, VFIO_GROUP_GET_DEVICE_FD, dev->address);
	if (dev->fd < 0)
		return fail_errno(f, errno, "the group of %s did not return the device",
				  dev->address);
	return 0;
}

/* Why a function has no file to open. */
static int explain_missing_node(const struct roots *roots, const char *address, struct failure *f)
{
	char driver[NAME_MAX + 1];

	if (sysfs_link(roots, address, "driver", driver) || !is_vfio_driver(driver))
		return fail(f, "not-bound", NULL,
			    "%s is not bound to a vfio driver; bind it to ism_vfio_pci first",
			    address);
	return fail(f, "ENODEV", NULL,
		    "%s is bound to %s, but this host has no vfio file for it, neither "
		    "%s/vfio/devices/vfioN nor a group; check that the kernel has "
		    "CONFIG_VFIO_GROUP or CONFIG_VFIO_DEVICE_CDEV and that udev makes the file",
		    address, driver, roots->dev);
}

int vfio_open(struct vfio_device *dev, const struct roots *roots, const char *address,
	      enum vfio_api api, struct failure *f)
{
	struct vfio_nodes nodes;
	bool cdev;

	memset(dev, 0, sizeof(*dev));
	dev->fd = dev->group_fd = dev->iommu_fd = -1;
	snprintf(dev->address, sizeof(dev->address), "%s", address);
	if (sysfs_link(roots, address, "driver", dev->driver))
		dev->driver[0] = '\0';
	vfio_nodes_find(roots, address, &nodes);
	if (!*nodes.cdev.name && !*nodes.group.name)
		return explain_missing_node(roots, address, f);
	cdev = api == VFIO_API_AUTO ? vfio_uses_cdev(&nodes) : api == VFIO_API_CDEV;
	if (cdev ? !*nodes.cdev.name : !*nodes.group.name)
		return fail(f, "ENOTSUP", NULL, "this kernel offers no vfio %s for %s",
			    cdev ? "device file" : "group", address);
	if ((cdev ? open_cdev : open_group)(dev, roots, &nodes, f) || vfio_query_info(dev, f)) {
		vfio_close(dev);
		return -1;
	}
	dev->used = true;
	return 0;
}

int vfio_is_open_elsewhere(const struct roots *roots, const char *address, bool *busy,
			   struct failure *f)
{
	struct vfio_device probe = {.fd = -1, .group_fd = -1, .iommu_fd = -1};
	struct vfio_nodes nodes;

	*busy = false;
	snprintf(probe.address, sizeof(probe.address), "%s", address);
	vfio_nodes_find(roots, address, &nodes);
	if (*nodes.group.name) {
		int fd = node_open(roots, &nodes.group, O_RDWR);

		if (fd < 0 && errno != EBUSY)
			return explain_open_failure(f, roots, &nodes.group, address);
		*busy = fd < 0;
		if (fd >= 0)
			close(fd);
		return 0;
	}
	if (*nodes.cdev.name) {
		struct failure why;
		int err = open_cdev(&probe, roots, &nodes, &why);

		vfio_close(&probe);
		*busy = err && failure_is(&why, "EBUSY");
		if (err && !*busy) {
			*f = why;
			return -1;
		}
	}
	return 0;
}
