// SPDX-License-Identifier: MIT
#include "kernel/caller.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of a process that no login started, as of a service: (uid_t)-1 (kernel/audit.c). */
#define NO_LOGIN "4294967295"

/* False until caller_identify() has run. */
static bool is_root;

/* Variables in which sudo and its like name the user who runs a program as root. */
static bool root_is_lent(void)
{
	static const struct {
		const char *name;
		const char *root; /* its value when that is root himself */
	} signs[] = {
		{"SUDO_UID", "0"},     /* sudo(8), run0(1) */
		{"PKEXEC_UID", "0"},   /* pkexec(1) */
		{"DOAS_USER", "root"}, /* doas(1) */
	};
	size_t i;

	for (i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		const char *value = getenv(signs[i].name);

		if (value && strcmp(value, signs[i].root))
			return true;
	}
	return false;
}

/* Whether the user who logged in is root (loginuid); true if the kernel does not record it. */
static bool login_is_root(void)
{
	char text[32] = "";
	int fd = open("/proc/self/loginuid", O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return !strcmp(text, "0") || !strcmp(text, NO_LOGIN);
}

int caller_identify(void)
{
	uid_t user[3];
	gid_t group[3];

	if (getresuid(&user[0], &user[1], &user[2]) || getresgid(&group[0], &group[1], &group[2]))
		return -1;
	if (user[0] != user[1] || user[1] != user[2] || group[0] != group[1] ||
	    group[1] != group[2]) {
		fputs("ism-helper: do not install this program set-user-ID or set-group-ID; start "
		      "it with sudo\n",
		      stderr);
		return -1;
	}
	is_root = !user[0] && !root_is_lent() && login_is_root();
	/* The helper needs none of it, and the caller controls it. */
	clearenv();
	return 0;
}

bool caller_is_root(void)
{
	return is_root;
}

int root_required(struct failure *f)
{
	struct stat self;

	if (geteuid())
		return fail(f, "EPERM", NULL,
			    "this operation needs root; log in as root or allow sudo");
	/* A caller who started his own file as root could have started anything else. */
	if (!caller_is_root() && (stat("/proc/self/exe", &self) || !self.st_uid))
		return fail(f, "EPERM", NULL,
			    "the administrator's helper binds functions for other users but loads "
			    "no modules for them; log in as root");
	return 0;
}
