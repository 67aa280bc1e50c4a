// SPDX-License-Identifier: MIT
/*
 * ism-helper: JSON lines on standard input, answers on standard output, one process a session.
 * It ends, and with it everything it holds open, when its input ends.
 */
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel/caller.h"
#include "link/lines.h"
#include "serve.h"

#ifndef BUILD_ID
#define BUILD_ID "unknown"
#endif

#define READY "{\"event\":\"ready\"}\n"

/*
 * Only the build for tests knows other trees than the host's own: with root's helper,
 * anyone who may start it could make it read and write there.
 */
#ifdef TEST_ROOTS
#define ROOTS_USAGE                                                                                \
	"  --sysfs-root DIR  root of sysfs (default: " HOST_SYSFS ")\n"                            \
	"  --dev-root DIR    folder of device files (default: " HOST_DEV ")\n"                     \
	"  --modules-root DIR  folder of module lists (default: " HOST_MODULES ")\n"
#else
#define ROOTS_USAGE
#endif

static void usage(FILE *out)
{
	fputs("usage: ism-helper [--announce]\n"
	      "Answers JSON lines from standard input on standard output (see "
	      "docs/reference/helper-protocol.md).\n"
	      "  --announce        print {\"event\":\"ready\"} first, so that a caller knows when "
	      "to start\n" ROOTS_USAGE
	      "  --version         print the protocol version and the build, and end\n"
	      "  --help            print this, and exit\n",
	      out);
}

/*
 * Opens what of standard input, output and error is closed. Else a device that is opened later
 * would take the place, and an answer to the client would be a store.
 */
static int open_standard_files(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	return fd < 0 ? -1 : close(fd);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"announce", no_argument, NULL, 'a'},
#ifdef TEST_ROOTS
		{"sysfs-root", required_argument, NULL, 's'},
		{"dev-root", required_argument, NULL, 'd'},
		{"modules-root", required_argument, NULL, 'm'},
#endif
		{"version", no_argument, NULL, 'v'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct roots roots = {.sysfs = HOST_SYSFS, .dev = HOST_DEV, .modules = HOST_MODULES};
	static struct session session;
	bool announce = false;
	int status;
	int c;

	if (open_standard_files() || caller_identify())
		return 1;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'a':
			announce = true;
			break;
#ifdef TEST_ROOTS
		case 's':
			roots.sysfs = optarg;
			break;
		case 'd':
			roots.dev = optarg;
			break;
		case 'm':
			roots.modules = optarg;
			break;
#endif
		case 'v':
			printf("ism-helper protocol %d build %s\n", PROTOCOL_VERSION, BUILD_ID);
			return 0;
		case 'h':
			usage(stdout);
			return 0;
		default:
			usage(stderr);
			return 2;
		}
	}
	if (optind < argc) {
		usage(stderr);
		return 2;
	}
	/* When the reader is gone, write() must fail, so that everything is closed before the end.
	 */
	signal(SIGPIPE, SIG_IGN);
	/* Processes that call_with_timeout() left behind need no wait(). */
	signal(SIGCHLD, SIG_IGN);
	if (announce && write_all(STDOUT_FILENO, READY, strlen(READY)))
		return 1;
	session_init(&session, &roots);
	status = serve(&session);
	session_end(&session);
	return status;
}
