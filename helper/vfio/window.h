/* SPDX-License-Identifier: MIT */
#ifndef ISM_WINDOW_H
#define ISM_WINDOW_H

#include "vfio/device.h"

/* The driver that gives a pwrite to BAR0 on as one PCISTB (drivers/vfio/pci/ism/main.c). */
#define ISM_VFIO_DRIVER "ism_vfio_pci"

/* The kernel's own driver for any function, which splits writes (vfio_pci_rdwr.c). */
#define PLAIN_VFIO_DRIVER "vfio-pci"

/*
 * How many bytes from the begin of region @index an offset may reach before the position in the
 * device's file means something else: another region that the driver reports, the next slot of the
 * driver's own layout, or nothing because a position has 63 bits. A region may be larger than its
 * window: BAR0 of ISM has 2^48 bytes, and vfio-pci's slots have 2^40. 0 where nothing can be
 * reached for certain.
 */
uint64_t region_window(const struct vfio_device *dev, uint32_t index);

#endif
