/* SPDX-License-Identifier: MIT */
#ifndef ISM_DEVICE_H
#define ISM_DEVICE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

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

#endif
