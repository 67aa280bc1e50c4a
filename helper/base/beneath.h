/* SPDX-License-Identifier: MIT */
#ifndef ISM_BENEATH_H
#define ISM_BENEATH_H

/*
 * Open @path, which is relative and has no "..", below the directory @dir. No component of it may
 * be a symbolic link, the last one neither (openat2(2), RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS; on
 * kernels before 5.6 one component after the other). Returns a descriptor that is closed on exec,
 * or -1 with errno set: ELOOP or ENOTDIR where a link is on the way.
 */
int open_beneath(int dir, const char *path, int flags);

#endif
