// SPDX-License-Identifier: MIT
/*
 * Memory and an interrupt for a function, through either of the kernel's interfaces: a type 1
 * container (include/uapi/linux/vfio.h) or an address space of iommufd
 * (include/uapi/linux/iommufd.h).
 */
#include "dmb/dma.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "vfio/access.h"
#include "vfio/uapi.h"

/* The command register of configuration space, which is little-endian, and its bits. */
#define PCI_COMMAND 4
#define PCI_COMMAND_MEMORY 2
#define PCI_COMMAND_MASTER 4

static int set_command(const struct dma *d, uint16_t value)
{
	uint16_t bytes = htole16(value);

	return pwrite(d->dev->fd, &bytes, sizeof(bytes), d->command_at) == sizeof(bytes) ? 0 : -1;
}

static int enable_bus_master(struct dma *d, struct failure *f)
{
	const uint32_t config = VFIO_PCI_CONFIG_REGION_INDEX;
	uint16_t bytes;

	/* A driver may refuse the region: then its offset means another one. */
	if (load_target(d->dev, config, PCI_COMMAND, sizeof(bytes), &d->command_at, f) ||
	    store_target(d->dev, config, PCI_COMMAND, sizeof(bytes), &d->command_at, f))
		return -1;
	if (pread(d->dev->fd, &bytes, sizeof(bytes), d->command_at) != sizeof(bytes))
		return fail_errno(f, errno, "cannot read the configuration space of %s",
				  d->dev->address);
	d->former_command = le16toh(bytes);
	if (set_command(d, d->former_command | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER))
		return fail_errno(f, errno, "cannot enable bus mastering of %s", d->dev->address);
	d->mastering = true;
	return 0;
}

/* The index of an interrupt that the function has: MSI, which is what ism_drv.c takes, or MSI-X. */
static int find_irq(const struct vfio_device *dev, uint32_t *index)
{
	static const uint32_t kinds[] = {VFIO_PCI_MSI_IRQ_INDEX, VFIO_PCI_MSIX_IRQ_INDEX};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct vfio_irq_info info = {.argsz = sizeof(info), .index = kinds[i]};

		if (!ioctl(dev->fd, VFIO_DEVICE_GET_IRQ_INFO, &info) && info.count &&
		    info.flags & VFIO_IRQ_INFO_EVENTFD) {
			*index = kinds[i];
			return 0;
		}
	}
	return -1;
}

static int enable_interrupts(struct dma *d, struct failure *f)
{
	union {
		struct vfio_irq_set set;
		unsigned char bytes[sizeof(struct vfio_irq_set) + sizeof(int)];
	} u;

	if (find_irq(d->dev, &d->irq))
		return fail(f, "ENOTSUP", NULL, "%s offers neither MSI nor MSI-X", d->dev->address);
	d->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (d->event < 0)
		return fail_errno(f, errno, "cannot create an eventfd for the interrupts of %s",
				  d->dev->address);
	memset(&u, 0, sizeof(u));
	u.set.argsz = sizeof(u);
	u.set.flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER;
	u.set.index = d->irq;
	u.set.count = 1;
	memcpy(u.set.data, &d->event, sizeof(d->event));
	if (ioctl(d->dev->fd, VFIO_DEVICE_SET_IRQS, &u.set)) {
		int err = errno;

		/* Nothing to switch off in dma_end(). */
		close(d->event);
		d->event = -1;
		return fail_errno(f, err, "cannot enable the interrupts of %s", d->dev->address);
	}
	return 0;
}

static void disable_interrupts(struct dma *d)
{
	struct vfio_irq_set set = {
		.argsz = sizeof(set),
		.flags = VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = d->irq,
	};

	if (d->event < 0)
		return;
	ioctl(d->dev->fd, VFIO_DEVICE_SET_IRQS, &set);
	close(d->event);
	d->event = -1;
}

/* With iommufd an address space has to be made; a container is one. */
static int attach_address_space(struct dma *d, struct failure *f)
{
	struct iommu_ioas_alloc alloc = {.size = sizeof(alloc)};
	struct vfio_device_attach_iommufd_pt attach = {.argsz = sizeof(attach)};

	if (!d->dev->cdev)
		return 0;
	if (ioctl(d->dev->iommu_fd, IOMMU_IOAS_ALLOC, &alloc))
		return fail_errno(f, errno, "cannot allocate an iommufd address space for %s",
				  d->dev->address);
	d->ioas = alloc.out_ioas_id;
	attach.pt_id = d->ioas;
	if (ioctl(d->dev->fd, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &attach))
		return fail_errno(f, errno, "cannot attach %s to its iommufd address space",
				  d->dev->address);
	d->attached = true;
	return 0;
}

static void detach_address_space(struct dma *d)
{
	struct vfio_device_detach_iommufd_pt detach = {.argsz = sizeof(detach)};
	struct iommu_destroy destroy = {.size = sizeof(destroy), .id = d->ioas};

	if (d->attached)
		ioctl(d->dev->fd, VFIO_DEVICE_DETACH_IOMMUFD_PT, &detach);
	if (d->ioas)
		ioctl(d->dev->iommu_fd, IOMMU_DESTROY, &destroy);
	d->attached = false;
	d->ioas = 0;
}

int dma_begin(struct dma *d, struct vfio_device *dev, struct failure *f)
{
	memset(d, 0, sizeof(*d));
	d->dev = dev;
	d->event = -1;
	if (attach_address_space(d, f) || enable_bus_master(d, f) || enable_interrupts(d, f)) {
		dma_end(d);
		return -1;
	}
	return 0;
}

void dma_end(struct dma *d)
{
	disable_interrupts(d);
	if (d->mastering)
		set_command(d, d->former_command);
	d->mastering = false;
	detach_address_space(d);
}

int dma_map(struct dma *d, void *memory, uint64_t iova, size_t len, struct failure *f)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (uintptr_t)memory,
		.iova = iova,
		.size = len,
	};
	struct iommu_ioas_map ioas_map = {
		.size = sizeof(ioas_map),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_WRITEABLE |
			 IOMMU_IOAS_MAP_READABLE,
		.ioas_id = d->ioas,
		.user_va = (uintptr_t)memory,
		.length = len,
		.iova = iova,
	};

	if (d->dev->cdev ? ioctl(d->dev->iommu_fd, IOMMU_IOAS_MAP, &ioas_map)
			 : ioctl(d->dev->iommu_fd, VFIO_IOMMU_MAP_DMA, &map))
		return fail_errno(f, errno, "cannot map %zu bytes for DMA of %s", len,
				  d->dev->address);
	return 0;
}

void dma_unmap(struct dma *d, uint64_t iova, size_t len)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.iova = iova,
		.size = len,
	};
	struct iommu_ioas_unmap ioas_unmap = {
		.size = sizeof(ioas_unmap),
		.ioas_id = d->ioas,
		.iova = iova,
		.length = len,
	};

	if (d->dev->cdev)
		ioctl(d->dev->iommu_fd, IOMMU_IOAS_UNMAP, &ioas_unmap);
	else
		ioctl(d->dev->iommu_fd, VFIO_IOMMU_UNMAP_DMA, &unmap);
}
