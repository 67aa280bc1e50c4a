/* SPDX-License-Identifier: MIT */
#ifndef ISM_VFIO_H
#define ISM_VFIO_H

#include <stdbool.h>
#include <stdint.h>

#include "sysfs/sysfs.h"

/* Regions a device may report; vfio-pci has 9 plus a few of its own. */
#define MAX_REGIONS 64

struct region {
	int err; /* 0, or the errno the driver refused this index with */
	uint32_t flags;
	uint64_t size;
	uint64_t offset;
	uint64_t window; /* region_window() */
};

/* zPCI facts out of GET_INFO's capability chain; include/uapi/linux/vfio_zdev.h. */
struct zpci_info {
	bool has_base;
	bool has_group;
	uint64_t start_dma;
	uint64_t end_dma;
	uint16_t pchid;
	uint16_t vfn;
	uint8_t pft;
	uint8_t gid;
	uint32_t fh; /* 0 before version 2 of the capability */
	uint16_t maxstbl;
	uint16_t imaxstbl; /* 0 before version 2 of the capability */
};

struct vfio_device {
	bool used;
	bool cdev; /* opened through /dev/vfio/devices with iommufd, else through its group */
	char address[32];
	char driver[NAME_MAX + 1]; /* that had the function when it was opened */
	int fd;
	int group_fd; /* -1 with cdev */
	int iommu_fd; /* the container, or the iommufd */
	uint32_t flags;
	uint32_t num_regions;
	uint32_t num_irqs;
	struct zpci_info zpci;
	struct region regions[MAX_REGIONS];
};

enum vfio_api { VFIO_API_AUTO, VFIO_API_CDEV, VFIO_API_GROUP };

/* Open @address and learn its regions; returns 0, or -1 with @f filled and nothing left open. */
int vfio_open(struct vfio_device *dev, const struct roots *roots, const char *address,
	      enum vfio_api api, struct failure *f);

void vfio_close(struct vfio_device *dev);

/* Ask the driver for region @index; the answer or its errno goes to @region. */
void vfio_region_ask(int fd, uint32_t index, struct region *region);

/*
 * Whether some process holds the vfio device open. The kernel lets an unbind wait until it is
 * closed, so callers ask first. Fails (-1, @f) when it cannot be known.
 */
int vfio_is_open_elsewhere(const struct roots *roots, const char *address, bool *busy,
			   struct failure *f);

#endif
