// SPDX-License-Identifier: MIT
#include "vfio/vfio_users.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* The vfio files of one function. */
struct wanted {
	char group[PATH_MAX]; /* the paths of its files, empty where there is none */
	char cdev[PATH_MAX];
	dev_t devices[2];
	size_t count;
	char tail[48]; /* what the path of the function in sysfs ends with */
};

static void add_wanted_node(struct wanted *wanted, const struct roots *roots,
			    const struct node *node, char path[PATH_MAX])
{
	struct stat st;

	if (!*node->name)
		return;
	node_path(roots, node, path);
	if (!stat(path, &st) && S_ISCHR(st.st_mode))
		wanted->devices[wanted->count++] = st.st_rdev;
}

/* Whether the vfio device of @wanted is behind an anonymous file, as newer kernels show in fdinfo.
 */
static bool is_device_of(int proc, const char *pid, const char *fd, const struct wanted *wanted)
{
	static const char key[] = "vfio-device-syspath:";
	char path[64];
	char text[2048];
	char *found;
	ssize_t n;
	int info;

	if (snprintf(path, sizeof(path), "%.20s/fdinfo/%.20s", pid, fd) >= (int)sizeof(path))
		return false;
	info = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (info < 0)
		return false;
	n = read(info, text, sizeof(text) - 1);
	close(info);
	text[n > 0 ? n : 0] = '\0';
	found = strstr(text, key);
	if (!found)
		return false;
	found[strcspn(found, "\n")] = '\0';
	n = (ssize_t)(strlen(found) - strlen(wanted->tail));
	return n > 0 && !strcmp(found + n, wanted->tail);
}

/* Whether file @fd of process @pid is one of @wanted. */
static bool is_wanted(int proc, int fds, const char *pid, const char *fd,
		      const struct wanted *wanted)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(fds, fd, target, sizeof(target) - 1);
	struct stat st;
	size_t i;

	if (n < 0)
		return false;
	target[n] = '\0';
	/* Only files that look like vfio's are touched: others may be on a server that hangs. */
	if (!strstr(target, "vfio"))
		return false;
	if (!strcmp(target, wanted->group) || !strcmp(target, wanted->cdev))
		return true;
	if (!strncmp(target, "anon_inode:", 11))
		return is_device_of(proc, pid, fd, wanted);
	/* In a container the file has another name, but it is the same device. */
	if (fstatat(fds, fd, &st, 0) || !S_ISCHR(st.st_mode))
		return false;
	for (i = 0; i < wanted->count; i++)
		if (wanted->devices[i] == st.st_rdev)
			return true;
	return false;
}

static void read_comm(int proc, const char *pid, char comm[64])
{
	char path[40];
	ssize_t n = -1;
	ssize_t i;
	int fd;

	snprintf(path, sizeof(path), "%.20s/comm", pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, comm, 63);
		close(fd);
	}
	if (n < 0)
		n = 0;
	if (n > 0 && comm[n - 1] == '\n')
		n--;
	comm[n] = '\0';
	/* A process chooses its own name. */
	for (i = 0; i < n; i++)
		if (!isprint((unsigned char)comm[i]))
			comm[i] = '?';
}

static void check_process(int proc, const char *pid, const struct wanted *wanted,
			  struct vfio_users *holders)
{
	char path[40];
	struct dirent *entry;
	bool holds = false;
	DIR *dir;
	int fds;

	snprintf(path, sizeof(path), "%.20s/fd", pid);
	fds = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fds < 0 ? NULL : fdopendir(fds);
	if (!dir) {
		/* A process that has ended since holds nothing. */
		if (errno != ENOENT && errno != ESRCH)
			holders->unseen++;
		if (fds >= 0)
			close(fds);
		return;
	}
	while (!holds && (entry = readdir(dir)))
		holds = isdigit((unsigned char)entry->d_name[0]) &&
			is_wanted(proc, fds, pid, entry->d_name, wanted);
	closedir(dir);
	if (holds && holders->count < VFIO_USERS_MAX) {
		struct vfio_user *holder = &holders->found[holders->count++];

		holder->pid = (pid_t)strtol(pid, NULL, 10);
		read_comm(proc, pid, holder->comm);
	}
}

int vfio_users_find(const struct roots *roots, const char *address, struct vfio_users *holders)
{
	static struct wanted wanted;
	struct vfio_nodes nodes;
	struct dirent *entry;
	DIR *proc;

	memset(holders, 0, sizeof(*holders));
	memset(&wanted, 0, sizeof(wanted));
	vfio_nodes_find(roots, address, &nodes);
	add_wanted_node(&wanted, roots, &nodes.group, wanted.group);
	add_wanted_node(&wanted, roots, &nodes.cdev, wanted.cdev);
	snprintf(wanted.tail, sizeof(wanted.tail), "/%.40s", address);
	if (!*wanted.group && !*wanted.cdev)
		return 0;
	proc = opendir("/proc");
	if (!proc)
		return -1;
	while ((entry = readdir(proc)))
		if (isdigit((unsigned char)entry->d_name[0]))
			check_process(dirfd(proc), entry->d_name, &wanted, holders);
	closedir(proc);
	return 0;
}
