/* SPDX-License-Identifier: MIT */
#ifndef ISM_FUZZ_REDIRECT_H
#define ISM_FUZZ_REDIRECT_H

/* Included before each of the helper's files: after the declarations, and before the calls. */
#include <dirent.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "world.h"

#define ioctl world_ioctl
#define pread world_pread
#define pwrite world_pwrite
#define read world_read
#define close world_close
#define eventfd world_eventfd
#define poll world_poll
#define socket world_socket
#define bind world_bind
#define setsockopt world_setsockopt
#define send world_send
#define recvfrom world_recvfrom
#define clock_gettime world_clock_gettime
#define nanosleep world_nanosleep
#define alarm world_alarm
#define readdir world_readdir
#define closedir world_closedir

#endif
