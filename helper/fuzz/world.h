/* SPDX-License-Identifier: MIT */
#ifndef ISM_FUZZ_WORLD_H
#define ISM_FUZZ_WORLD_H

/*
 * The kernel as the fuzz target has it: sysfs, vfio devices, sockets and a clock in memory. What
 * they answer comes from the input, byte by byte, so that they change under the helper; where the
 * input has ended they answer as a healthy host does. The helper's files are compiled with
 * redirect.h, which puts these functions in the place of the C library's.
 */
#include <dirent.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>

struct session;

/* Begin with these bytes; @session is the one whose devices are checked, or NULL. */
void world_begin(const uint8_t *bytes, size_t len, const struct session *session);

/* The next byte, 0 at the end; and up to @len of them. */
uint8_t world_byte(void);
size_t world_bytes(void *to, size_t len);
size_t world_left(void);

/* Descriptors from here on are the world's own. */
#define WORLD_FD 100000

int world_ioctl(int fd, unsigned long request, ...);
ssize_t world_pread(int fd, void *buf, size_t len, off_t at);
ssize_t world_pwrite(int fd, const void *buf, size_t len, off_t at);
ssize_t world_read(int fd, void *buf, size_t len);
int world_close(int fd);
int world_eventfd(unsigned int value, int flags);
int world_poll(struct pollfd *fds, nfds_t count, int timeout_ms);
int world_socket(int domain, int type, int protocol);
int world_bind(int fd, const struct sockaddr *to, socklen_t len);
int world_setsockopt(int fd, int level, int name, const void *value, socklen_t len);
ssize_t world_send(int fd, const void *buf, size_t len, int flags);
ssize_t world_recvfrom(int fd, void *buf, size_t len, int flags, struct sockaddr *from,
		       socklen_t *from_len);
int world_clock_gettime(clockid_t clock, struct timespec *t);
int world_nanosleep(const struct timespec *t, struct timespec *left);
unsigned int world_alarm(unsigned int seconds);

/* Of what sysfs_dir() has opened. */
struct dirent *world_readdir(DIR *dir);
int world_closedir(DIR *dir);

#endif
