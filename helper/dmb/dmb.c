// SPDX-License-Identifier: MIT
/*
 * Direct memory buffers: what drivers/s390/net/ism_drv.c does when it registers them
 * (ism_dev_init(), ism_register_dmb()) and when it is interrupted (ism_handle_irq()), for memory of
 * this process.
 */
#include "dmb/dmb.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vfio/access.h"
#include "dmb/control.h"
#include "dmb/dma_range.h"

/* struct ism_sba: two summary bits, a bit and a mask of 16 bits for each buffer. */
#define SBA_SUMMARY 0x80
#define SBA_EVENT 0x40
#define SBA_BITS 4
#define SBA_MASKS 256
/* ISM_DMB_BIT_OFFSET: the bits below are never given out. */
#define FIRST_BIT 32

/* struct ism_eq: a header and 15 entries of 32 bytes each. */
#define IEQ_LEN 512

#define OWNER_PAGES (2 * DMB_PAGE)
/* Buffers lie this far apart in the function's address space, the first behind the pages. */
#define SLOT_STEP DMB_SIZE_MAX

static unsigned char *new_pages(size_t len)
{
	void *at = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return NULL;
	/* A process that is forked for a slow call must not take the pages, which DMA writes to. */
	madvise(at, len, MADV_DONTFORK);
	return at;
}

static int dmb_owner_begin(struct dmb_owner *owner, struct vfio_device *dev, struct failure *f)
{
	uint64_t sba;
	uint64_t ieq[2];

	owner->pages = new_pages(OWNER_PAGES);
	if (!owner->pages)
		return fail_errno(f, errno, "cannot allocate memory for the signals of %s",
				  dev->address);
	/* The IOMMU reports its ranges only after the function is attached. */
	if (dma_begin(&owner->dma, dev, f) ||
	    dma_range_find(&owner->dma, (uint64_t)SLOT_STEP * (DMBS_MAX + 1), SLOT_STEP,
			   &owner->base, f))
		return -1;
	if (dma_map(&owner->dma, owner->pages, owner->base, OWNER_PAGES, f))
		return -1;
	owner->mapped = true;
	sba = htobe64(owner->base);
	ieq[0] = htobe64(owner->base + DMB_PAGE);
	ieq[1] = htobe64(IEQ_LEN);
	if (control_command(dev, ISM_REG_SBA, &sba, sizeof(sba), NULL, 0, f))
		return -1;
	owner->has_sba = true;
	if (control_command(dev, ISM_REG_IEQ, ieq, sizeof(ieq), NULL, 0, f))
		return -1;
	owner->has_ieq = true;
	return control_read_gid(dev, &owner->gid, f);
}

struct dmb_owner *dmb_owner_new(struct vfio_device *dev, struct failure *f)
{
	struct dmb_owner *owner = calloc(1, sizeof(*owner));
	struct failure ignored;

	if (!owner)
		return NULL;
	owner->dma.dev = dev;
	owner->dma.event = -1;
	if (dmb_owner_begin(owner, dev, f)) {
		dmb_owner_free(owner, &ignored);
		return NULL;
	}
	return owner;
}

/* Sends an unregister command. Keeps the first failure; later commands are sent all the same.
 */
static int dmb_owner_end_command(struct dmb_owner *owner, enum ism_command command,
				 const void *body, size_t len, int before, struct failure *f)
{
	struct failure later;

	return control_command(owner->dma.dev, command, body, len, NULL, 0, before ? &later : f) ||
			       before
		       ? -1
		       : 0;
}

/* Unmapped first, so that the function no longer reaches this memory even if it thinks it may. */
static void dmb_release_memory(struct dmb_owner *owner, struct dmb *dmb)
{
	if (dmb->mapped)
		dma_unmap(&owner->dma, dmb->iova, dmb->size);
	if (dmb->memory)
		munmap(dmb->memory, dmb->size);
	free(dmb->seen);
	memset(dmb, 0, sizeof(*dmb));
}

int dmb_owner_free(struct dmb_owner *owner, struct failure *f)
{
	int err = 0;
	size_t i;

	for (i = 0; i < DMBS_MAX; i++) {
		struct failure later;

		if (owner->dmbs[i].used && dmb_unregister(owner, i, err ? &later : f))
			err = -1;
	}
	if (owner->has_ieq)
		err = dmb_owner_end_command(owner, ISM_UNREG_IEQ, NULL, 0, err, f);
	if (owner->has_sba)
		err = dmb_owner_end_command(owner, ISM_UNREG_SBA, NULL, 0, err, f);
	if (owner->mapped)
		dma_unmap(&owner->dma, owner->base, OWNER_PAGES);
	dma_end(&owner->dma);
	if (owner->pages)
		munmap(owner->pages, OWNER_PAGES);
	free(owner);
	return err;
}

/* The part of ism_register_dmb() that talks to the function. */
static int dmb_send_register(struct dmb_owner *owner, struct dmb *dmb, size_t slot, uint64_t gid,
			     struct failure *f)
{
	struct {
		uint64_t dmb;
		uint32_t dmb_len;
		uint32_t sba_idx;
		uint32_t vlan_valid;
		uint32_t vlan_id;
		uint64_t rgid;
	} body = {
		.dmb = htobe64(dmb->iova),
		.dmb_len = htobe32(dmb->size),
		.sba_idx = htobe32(FIRST_BIT + (uint32_t)slot),
		.rgid = htobe64(gid),
	};
	uint64_t token;

	if (control_command(owner->dma.dev, ISM_REG_DMB, &body, sizeof(body), &token, sizeof(token),
			    f))
		return -1;
	dmb->token = be64toh(token);
	return 0;
}

/* Memory of the buffer's size, within the function's reach. */
static int dmb_share_memory(struct dmb_owner *owner, struct dmb *dmb, struct failure *f)
{
	dmb->memory = new_pages(dmb->size);
	dmb->seen = calloc(1, dmb->size);
	if (!dmb->memory || !dmb->seen)
		return fail(f, "ENOMEM", NULL, "cannot allocate a buffer of %u bytes", dmb->size);
	if (dma_map(&owner->dma, dmb->memory, dmb->iova, dmb->size, f))
		return -1;
	dmb->mapped = true;
	return 0;
}

int dmb_register(struct dmb_owner *owner, uint32_t size, uint64_t gid, struct failure *f)
{
	struct dmb *dmb;
	size_t slot;

	for (slot = 0; slot < DMBS_MAX && owner->dmbs[slot].used; slot++)
		;
	if (slot == DMBS_MAX)
		return fail(f, "EMFILE", NULL, "%s has %d buffers already; unregister one first",
			    owner->dma.dev->address, DMBS_MAX);
	dmb = &owner->dmbs[slot];
	dmb->size = size;
	dmb->iova = owner->base + (uint64_t)SLOT_STEP * (slot + 1);
	if (dmb_share_memory(owner, dmb, f) || dmb_send_register(owner, dmb, slot, gid, f)) {
		dmb_release_memory(owner, dmb);
		return -1;
	}
	dmb->used = true;
	return (int)slot;
}

int dmb_unregister(struct dmb_owner *owner, size_t slot, struct failure *f)
{
	struct dmb *dmb = &owner->dmbs[slot];
	uint64_t token = htobe64(dmb->token);
	int err = control_command(owner->dma.dev, ISM_UNREG_DMB, &token, sizeof(token), NULL, 0, f);

	dmb_release_memory(owner, dmb);
	return err;
}

bool dmb_any(const struct dmb_owner *owner)
{
	size_t i;

	for (i = 0; i < DMBS_MAX; i++)
		if (owner->dmbs[i].used)
			return true;
	return false;
}

/* The span that changed since the last call. */
static void dmb_find_changes(struct dmb *dmb, struct dmb_signal *signal)
{
	uint32_t first = 0;
	uint32_t end = dmb->size;

	while (first < end && dmb->memory[first] == dmb->seen[first])
		first++;
	while (end > first && dmb->memory[end - 1] == dmb->seen[end - 1])
		end--;
	signal->from = first < dmb->size ? first : 0;
	signal->len = end - first;
	memcpy(dmb->seen + first, dmb->memory + first, end - first);
}

void dmb_scan(struct dmb_owner *owner, uint64_t time_ns, uint64_t interrupts,
	      dmb_signal_handler handle, void *context)
{
	unsigned char *sba = owner->pages;
	size_t i;

	/*
	 * Summary first, then the bits: a signal that comes meanwhile sets the summary again and
	 * interrupts again. The function sets bits of the same bytes, so each is cleared
	 * atomically.
	 */
	__atomic_fetch_and(&sba[0], (unsigned char)~(SBA_SUMMARY | SBA_EVENT), __ATOMIC_SEQ_CST);
	for (i = 0; i < DMBS_MAX; i++) {
		size_t bit = FIRST_BIT + i;
		unsigned char flag = (unsigned char)(0x80 >> bit % 8);
		struct dmb_signal signal = {
			.slot = i, .time_ns = time_ns, .interrupts = interrupts};
		unsigned char was = __atomic_fetch_and(&sba[SBA_BITS + bit / 8],
						       (unsigned char)~flag, __ATOMIC_SEQ_CST);
		uint16_t *mask = (uint16_t *)(void *)(sba + SBA_MASKS) + bit;

		if (!(was & flag))
			continue;
		signal.mask = be16toh(__atomic_exchange_n(mask, 0, __ATOMIC_SEQ_CST));
		if (!owner->dmbs[i].used)
			continue;
		dmb_find_changes(&owner->dmbs[i], &signal);
		handle(owner, &signal, context);
	}
}

void dmb_collect(struct dmb_owner *owner, dmb_signal_handler handle, void *context)
{
	uint64_t interrupts = 0;
	uint64_t time_ns = now_ns();

	if (read(owner->dma.event, &interrupts, sizeof(interrupts)) != sizeof(interrupts))
		return;
	dmb_scan(owner, time_ns, interrupts, handle, context);
}
