/* SPDX-License-Identifier: MIT */
#ifndef ISM_MODULE_FILES_H
#define ISM_MODULE_FILES_H

enum module_presence {
	MODULE_UNKNOWN, /* there is no list of the modules of this kernel */
	MODULE_ABSENT,
	MODULE_PRESENT, /* as a file or built in */
};

/*
 * Whether the running kernel has @module ("ism-vfio-pci", as its file is called), by the lists that
 * depmod(8) keeps in @folder (/lib/modules; NULL: unknown) below the kernel's release.
 */
enum module_presence module_presence(const char *folder, const char *module);

struct module_sentence {
	char text[400];
};

/*
 * What to do about @driver, which is not loaded and which @module has: the command that loads it
 * where the kernel has it, and which kernel has it where not.
 */
struct module_sentence module_advice(const char *folder, const char *driver, const char *module);

#endif
