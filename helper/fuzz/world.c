// SPDX-License-Identifier: MIT
#include "world.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "session/session.h"
#include "vfio/uapi.h"

/* What a run of the helper may cost: then the world only refuses. */
#define FUEL 3000

static struct {
	const uint8_t *at;
	size_t left;
	const struct session *session;
	int64_t clock_ns;
	unsigned int fuel;
	int next_fd;
} world;

void world_begin(const uint8_t *bytes, size_t len, const struct session *session)
{
	world.at = bytes;
	world.left = len;
	world.session = session;
	world.clock_ns = 1000000000;
	world.fuel = FUEL;
	world.next_fd = WORLD_FD;
}

uint8_t world_byte(void)
{
	if (!world.left)
		return 0;
	world.left--;
	return *world.at++;
}

size_t world_bytes(void *to, size_t len)
{
	if (len > world.left)
		len = world.left;
	memcpy(to, world.at, len);
	world.at += len;
	world.left -= len;
	return len;
}

size_t world_left(void)
{
	return world.left;
}

/* 0 most of the time, and always at the end of the input; else -1 with an errno of the input's. */
static int fails(void)
{
	static const int errors[] = {EINVAL, EBUSY, ENODEV, EACCES, EIO, ENOTTY, ENOSPC, EFAULT};
	uint8_t byte = world_byte();

	if (!world.fuel) {
		errno = EIO;
		return -1;
	}
	world.fuel--;
	if (byte < 240)
		return 0;
	errno = errors[byte & 7];
	return -1;
}

static int new_fd(void)
{
	return fails() ? -1 : world.next_fd++;
}

/* Overwrite some of @len bytes with the input's. */
static void disturb(void *bytes, size_t len)
{
	uint8_t byte = world_byte();
	size_t from;

	if (byte < 128 || !len)
		return;
	from = world_byte() * 8u % len;
	world_bytes((char *)bytes + from, len - from < byte ? len - from : byte);
}

static int device_info(struct vfio_device_info *info)
{
	info->flags = VFIO_DEVICE_FLAGS_PCI;
	info->num_regions = 9;
	info->num_irqs = 5;
	if (world_byte() & 1) {
		info->flags |= VFIO_DEVICE_FLAGS_CAPS;
		info->cap_offset = sizeof(*info);
		disturb(info, info->argsz);
	}
	return 0;
}

static int region_info(struct vfio_region_info *info)
{
	static const uint64_t sizes[] = {1ull << 48, 0, 4096, 0, 4096, 0, 0, 256, 0};
	uint32_t index = info->index;

	if (index > 8) {
		errno = EINVAL;
		return -1;
	}
	info->size = sizes[index];
	info->flags = info->size ? VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE : 0;
	info->offset = (uint64_t)index << (world_byte() & 1 ? 40 : 48);
	disturb(&info->flags, sizeof(*info) - offsetof(struct vfio_region_info, flags));
	return 0;
}

static int iommu_info(struct vfio_iommu_type1_info *info)
{
	const struct vfio_iommu_type1_info_cap_iova_range cap = {
		.header.id = VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE,
		.nr_iovas = 1,
	};
	const struct vfio_iova_range range = {0x100000000, 0x3ffffffffff};
	unsigned char *at = (unsigned char *)(info + 1);

	info->flags = VFIO_IOMMU_INFO_CAPS;
	info->cap_offset = sizeof(*info);
	memcpy(at, &cap, sizeof(cap));
	memcpy(at + sizeof(cap), &range, sizeof(range));
	disturb(info, info->argsz);
	return 0;
}

int world_ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *arg;

	(void)fd;
	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (fails())
		return -1;
	switch (request) {
	case VFIO_GROUP_GET_STATUS:
		((struct vfio_group_status *)arg)->flags = VFIO_GROUP_FLAGS_VIABLE;
		return 0;
	case VFIO_CHECK_EXTENSION:
		return 1;
	case VFIO_GROUP_GET_DEVICE_FD:
		return new_fd();
	case VFIO_DEVICE_GET_INFO:
		return device_info(arg);
	case VFIO_DEVICE_GET_REGION_INFO:
		return region_info(arg);
	case VFIO_IOMMU_GET_INFO:
		return iommu_info(arg);
	case VFIO_DEVICE_GET_IRQ_INFO:
		((struct vfio_irq_info *)arg)->count = 1;
		((struct vfio_irq_info *)arg)->flags = VFIO_IRQ_INFO_EVENTFD;
		return 0;
	case IOMMU_IOAS_ALLOC:
		((struct iommu_ioas_alloc *)arg)->out_ioas_id = 1;
		return 0;
	case IOMMU_IOAS_IOVA_RANGES: {
		struct iommu_ioas_iova_ranges *ask = arg;
		uint64_t *ranges = (uint64_t *)(uintptr_t)ask->allowed_iovas;

		ranges[0] = 0x100000000;
		ranges[1] = 0x3ffffffffff;
		disturb(ranges, ask->num_iovas * 16);
		ask->num_iovas = 1u + world_byte();
		return 0;
	}
	default:
		return 0;
	}
}

/* Aborts unless all accessed bytes belong to one region alone. */
static void check_position(int fd, off_t at, size_t len, bool writes)
{
	const struct vfio_device *dev = NULL;
	uint64_t begin = (uint64_t)at;
	uint64_t end = begin + len;
	size_t i;

	for (i = 0; world.session && i < MAX_DEVICES; i++)
		if (world.session->open.devices[i].used && world.session->open.devices[i].fd == fd)
			dev = &world.session->open.devices[i];
	if (!dev || at < 0 || end < begin || end - 1 > INT64_MAX)
		abort();
	for (i = 0; i < MAX_REGIONS; i++) {
		const struct region *r = &dev->regions[i];

		if (!r->err && r->size && begin >= r->offset && begin - r->offset < r->size &&
		    begin - r->offset < r->window && end - r->offset <= r->window &&
		    (!writes || end - r->offset <= r->size))
			break;
	}
	if (i == MAX_REGIONS)
		abort();
	for (size_t j = 0; j < MAX_REGIONS; j++)
		if (j != i && !dev->regions[j].err && dev->regions[j].offset > begin &&
		    dev->regions[j].offset < end)
			abort();
	if (writes && !i && !strcmp(dev->driver, "vfio-pci"))
		abort();
}

ssize_t world_pwrite(int fd, const void *buf, size_t len, off_t at)
{
	volatile unsigned char sum = 0;
	size_t i;

	check_position(fd, at, len, true);
	/* The kernel reads all of it. */
	for (i = 0; i < len; i++)
		sum ^= ((const unsigned char *)buf)[i];
	if (fails())
		return -1;
	return world_byte() < 250 ? (ssize_t)len : (ssize_t)(len / 2);
}

ssize_t world_pread(int fd, void *buf, size_t len, off_t at)
{
	check_position(fd, at, len, false);
	if (fails())
		return -1;
	memset(buf, 0, len);
	/* An answer on the control page: its code is 0 and its length enough for all. */
	if (len == 8)
		((unsigned char *)buf)[7] = 64;
	disturb(buf, len);
	return world_byte() < 250 ? (ssize_t)len : (ssize_t)(len / 2);
}

ssize_t world_read(int fd, void *buf, size_t len)
{
	size_t chunk = world_byte() + 1u;

	if (fd < WORLD_FD)
		return read(fd, buf, len);
	if (!world.left)
		return 0;
	if (fails())
		return -1;
	return (ssize_t)world_bytes(buf, chunk * 16 < len ? chunk * 16 : len);
}

int world_close(int fd)
{
	return fd < WORLD_FD ? close(fd) : 0;
}

int world_eventfd(unsigned int value, int flags)
{
	(void)value;
	(void)flags;
	return new_fd();
}

int world_poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
	world.clock_ns += (int64_t)(timeout_ms > 0 ? timeout_ms : 1) * 1000000;
	if (!count || world_byte() < 128)
		return 0;
	fds[0].revents = POLLIN;
	return 1;
}

int world_socket(int domain, int type, int protocol)
{
	(void)domain;
	(void)type;
	(void)protocol;
	return new_fd();
}

int world_bind(int fd, const struct sockaddr *to, socklen_t len)
{
	(void)fd;
	(void)to;
	(void)len;
	return fails();
}

int world_setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	(void)fd;
	(void)level;
	(void)name;
	(void)value;
	(void)len;
	return fails();
}

ssize_t world_send(int fd, const void *buf, size_t len, int flags)
{
	(void)fd;
	(void)buf;
	(void)flags;
	return fails() ? -1 : (ssize_t)len;
}

ssize_t world_recvfrom(int fd, void *buf, size_t len, int flags, struct sockaddr *from,
		       socklen_t *from_len)
{
	struct sockaddr_nl sender = {.nl_family = AF_NETLINK};
	size_t said = world_byte() * 4u;

	(void)fd;
	(void)flags;
	if (!world.left || fails()) {
		errno = world.left ? errno : EAGAIN;
		return -1;
	}
	sender.nl_pid = world_byte() == 255;
	if (from && *from_len >= sizeof(sender)) {
		memcpy(from, &sender, sizeof(sender));
		*from_len = sizeof(sender);
	}
	said = world_bytes(buf, said < len ? said : len);
	/* With MSG_TRUNC the length may be more than what there was room for. */
	return world_byte() == 255 ? (ssize_t)len + 1 : (ssize_t)said;
}

int world_clock_gettime(clockid_t clock, struct timespec *t)
{
	(void)clock;
	world.clock_ns += 1000000;
	t->tv_sec = world.clock_ns / 1000000000;
	t->tv_nsec = world.clock_ns % 1000000000;
	return 0;
}

int world_nanosleep(const struct timespec *t, struct timespec *left)
{
	(void)left;
	world.clock_ns += (int64_t)t->tv_sec * 1000000000 + t->tv_nsec;
	return 0;
}

unsigned int world_alarm(unsigned int seconds)
{
	(void)seconds;
	return 0;
}
