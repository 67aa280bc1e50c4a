// SPDX-License-Identifier: GPL-2.0
/*
 * Makes the lab's ISM functions say of themselves what real ones say. QEMU gives every function a
 * maxstbl of 128, pft 0 and PCHID 0 (hw/s390x/s390-pci-bus.c). Functions that are plugged in later
 * are changed as well, before a driver sees them.
 */
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/pci.h>

#define ISM_DEVICE 0x04ed

static unsigned int maxstbl = 4096;
module_param(maxstbl, uint, 0444);
MODULE_PARM_DESC(maxstbl, "bytes that one store may have");

static unsigned int pft = 5;
module_param(pft, uint, 0444);
MODULE_PARM_DESC(pft, "PCI function type; 5 is ISM");

/* All functions of a lab are in one fabric, and peers compare PCHIDs to find out whether they are.
 */
static unsigned int pchid = 0x07c0;
module_param(pchid, uint, 0444);
MODULE_PARM_DESC(pchid, "physical channel id");

static void ism_lab_change(struct pci_dev *pdev)
{
	struct zpci_dev *zdev;

	if (pdev->vendor != PCI_VENDOR_ID_IBM || pdev->device != ISM_DEVICE)
		return;
	zdev = to_zpci(pdev);
	zdev->maxstbl = maxstbl;
	zdev->pft = pft;
	zdev->pchid = pchid;
}

static int ism_lab_notify(struct notifier_block *block, unsigned long action, void *data)
{
	if (action == BUS_NOTIFY_ADD_DEVICE)
		ism_lab_change(to_pci_dev(data));
	return NOTIFY_DONE;
}

static struct notifier_block ism_lab_block = {
	.notifier_call = ism_lab_notify,
};

static int __init ism_lab_init(void)
{
	struct pci_dev *pdev = NULL;
	int rc;

	rc = bus_register_notifier(&pci_bus_type, &ism_lab_block);
	if (rc)
		return rc;
	for_each_pci_dev(pdev) ism_lab_change(pdev);
	return 0;
}
module_init(ism_lab_init);

static void __exit ism_lab_exit(void)
{
	bus_unregister_notifier(&pci_bus_type, &ism_lab_block);
}
module_exit(ism_lab_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Makes emulated ISM functions look like real ones");
