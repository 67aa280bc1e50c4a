/* SPDX-License-Identifier: MIT */
#ifndef ISM_UAPI_H
#define ISM_UAPI_H

#include <linux/vfio.h>
#include <linux/vfio_zdev.h>

/*
 * The device file interface is younger (Linux 6.6) than the headers that some build hosts have.
 * These are its numbers and layout as include/uapi/linux/vfio.h fixes them for good.
 */
#ifndef VFIO_DEVICE_BIND_IOMMUFD
struct vfio_device_bind_iommufd {
	__u32 argsz;
	__u32 flags;
	__s32 iommufd;
	__u32 out_devid;
};

#define VFIO_DEVICE_BIND_IOMMUFD _IO(VFIO_TYPE, VFIO_BASE + 18)
#endif

#endif
