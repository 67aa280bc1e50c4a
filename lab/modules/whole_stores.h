/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Included before every source file of a driver that issues PCI store block instructions, without
 * changing the driver: a store of 1 to 4096 bytes at any offset reaches the lab's ISM function as
 * one block, as it would reach a real one (ism_move() of drivers/s390/net/ism_drv.c, which SMC-D
 * calls with whatever a program sends).
 *
 * QEMU takes a PCISTB of 16 to 128 bytes, a multiple of 8 at a multiple of 8, and forwards it as
 * writes of 8 bytes (hw/s390x/s390-pci-inst.c). So a frame word written to BAR4 says first which
 * bytes belong together, the store follows with what is left of its first and last 8 bytes filled
 * up, and the function's answer is read from BAR4 afterwards. A lock keeps the pieces of two
 * processors apart.
 */
#ifndef ISM_LAB_WHOLE_STORES_H
#define ISM_LAB_WHOLE_STORES_H

#include <linux/bits.h>
#include <linux/delay.h>
#include <linux/minmax.h>
#include <linux/pci.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <asm/pci_insn.h>
#include <asm/pci_io.h>

#define LAB_BAR 4
#define LAB_FRAME_WORD 0xff0
#define LAB_ANSWER_WORD 0xff8

/* What QEMU takes in one instruction. */
#define LAB_QEMU_LONGEST 128
#define LAB_QEMU_SHORTEST 16

static DEFINE_SPINLOCK(lab_store_lock);

/* The store that is on its way, as the instruction needs it. It stays within its 4 KiB block. */
static u64 lab_bounce[PAGE_SIZE / sizeof(u64)];

static inline u64 lab_request(u64 req, u8 bar, u16 length)
{
	return (req & GENMASK_ULL(63, 32)) | (u64)bar << 16 | length;
}

/* PCISTB names the BAR in bits 16 to 23 of the request and the length in bits 0 to 12
 * (ZPCI_CREATE_REQ). */
static inline u8 lab_bar(u64 req)
{
	return req >> 16 & 0xff;
}

static int lab_store_pieces(const u64 *data, u64 req, u64 offset, u64 length)
{
	u64 chunk;
	int rc;

	while (length) {
		chunk = min_t(u64, length, LAB_QEMU_LONGEST);
		if (length - chunk && length - chunk < LAB_QEMU_SHORTEST)
			chunk -= LAB_QEMU_SHORTEST;
		if (chunk < LAB_QEMU_SHORTEST)
			/* Reversed like the 8 bytes of a PCISTB, so that the function need not tell
			 * them apart. */
			rc = __zpci_store(swab64(*data),
					  lab_request(req, lab_bar(req), sizeof(*data)), offset);
		else
			rc = __zpci_store_block(data, lab_request(req, lab_bar(req), chunk),
						offset);
		if (rc)
			return rc;
		data += chunk / sizeof(*data);
		offset += chunk;
		length -= chunk;
	}
	return 0;
}

/* Does once what the instruction does, and brings back what the function answered. */
static int lab_store_once(const void *data, u64 req, u64 offset, u64 length, u64 *answer)
{
	u64 frame = (u64)lab_bar(req) << 61 | length << 48 | (offset & GENMASK_ULL(47, 0));
	u64 start = offset & ~7ULL, filled = ((offset + length + 7) & ~7ULL) - start;
	unsigned long flags;
	int rc;

	spin_lock_irqsave(&lab_store_lock, flags);
	memset(lab_bounce, 0, filled);
	memcpy((u8 *)lab_bounce + (offset - start), data, length);
	rc = __zpci_store(frame, lab_request(req, LAB_BAR, sizeof(frame)), LAB_FRAME_WORD);
	if (!rc)
		rc = lab_store_pieces(lab_bounce, req, start, filled);
	if (!rc)
		rc = __zpci_load(answer, lab_request(req, LAB_BAR, sizeof(*answer)),
				 LAB_ANSWER_WORD);
	spin_unlock_irqrestore(&lab_store_lock, flags);
	return rc;
}

static void lab_wait(unsigned int milliseconds)
{
#ifdef LAB_STORES_MAY_SLEEP
	if (milliseconds)
		msleep(milliseconds);
#else
	mdelay(milliseconds);
#endif
}

/* Takes the place of __zpci_store_block() of arch/s390/pci/pci_insn.c and answers like it. */
static int lab_store_block(const void *data, u64 req, u64 offset)
{
	u64 length = req & 0x1fff, answer = 0;
	u8 condition;
	int rc;

	/* What is left of the instruction's own checks where its rules of alignment are relaxed:
	 * Linux turns their specification exception into -ENXIO. */
	if (!length || (offset & ~PAGE_MASK) + length > PAGE_SIZE)
		return -ENXIO;
	do {
		rc = lab_store_once(data, req, offset, length, &answer);
		if (rc)
			return rc;
		/* A function whose process has died reads as all ones. */
		condition = answer >> 56;
		if (condition == 2)
			udelay(1);
	} while (condition == 2);
	lab_wait(condition ? 0 : lower_32_bits(answer));
	return condition ? -EIO : 0;
}

#define __zpci_store_block lab_store_block

#endif
