// SPDX-License-Identifier: MIT
/*
 * ism-helper: JSON lines on standard input, answers on standard output, one process a session.
 * It ends, and with it everything it holds open, when its input ends.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lines.h"
#include "session.h"

#ifndef BUILD_ID
#define BUILD_ID "unknown"
#endif

#define READY "{\"event\":\"ready\"}\n"

static void usage(FILE *out)
{
	fputs("usage: ism-helper [--announce] [--sysfs-root DIR] [--dev-root DIR]\n"
	      "Answers JSON lines from standard input on standard output (see protocol.md).\n"
	      "  --announce        say {\"event\":\"ready\"} first, so that a caller knows when to "
	      "begin\n"
	      "  --sysfs-root DIR  where sysfs is, /sys unless told\n"
	      "  --dev-root DIR    where device files are, /dev unless told\n"
	      "  --version         print the protocol version and the build, and end\n"
	      "  --help            print this, and end\n",
	      out);
}

/*
 * Send @reply and a newline and free it; -1 when the peer is gone. One write, so that an answer is
 * one packet of the channel.
 */
static int send_reply(char *reply)
{
	size_t len = reply ? strlen(reply) : 0;
	char *line = reply ? realloc(reply, len + 2) : NULL;
	int err;

	if (!line) {
		free(reply);
		return -1;
	}
	line[len] = '\n';
	err = write_all(STDOUT_FILENO, line, len + 1);
	free(line);
	return err;
}

/*
 * Wait until there is input, and meanwhile send the events that are due. Nothing here waits while
 * there is input, so that no answer is late. Returns 0, or -1 when the peer is gone.
 */
static int wait_for_input(struct session *session)
{
	struct watch *watch = &session->watch;

	for (;;) {
		struct pollfd fds[] = {
			{.fd = STDIN_FILENO, .events = POLLIN},
			{.fd = watch->fd, .events = POLLIN}, /* -1 is ignored */
		};
		char *lines;
		int err;

		if (poll(fds, 2, watch_timeout(watch, watch_now_ms())) < 0 && errno != EINTR)
			return -1;
		if (fds[1].revents)
			watch_receive(watch);
		lines = watch_lines(watch, watch_now_ms());
		err = lines ? write_all(STDOUT_FILENO, lines, strlen(lines)) : 0;
		free(lines);
		if (err)
			return -1;
		if (fds[0].revents)
			return 0;
	}
}

static int serve(struct session *session)
{
	static struct line_reader reader;
	enum line_status status = LINE_MORE;
	const char *line;
	size_t len;

	lines_init(&reader, STDIN_FILENO);
	while (status == LINE_MORE) {
		switch (lines_take(&reader, &line, &len)) {
		case LINE_READY:
			if (send_reply(session_answer(session, line, len)))
				return 1;
			break;
		case LINE_TOO_LONG:
			if (send_reply(session_refuse("EMSGSIZE", "the line is longer than 65536 "
								  "bytes and was ignored")))
				return 1;
			break;
		default:
			if (wait_for_input(session))
				return 1;
			status = lines_fill(&reader);
		}
	}
	if (status == LINE_END)
		return 0;
	fprintf(stderr, "ism-helper: standard input cannot be read: %s\n", strerror(errno));
	return 1;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"announce", no_argument, NULL, 'a'},
		{"sysfs-root", required_argument, NULL, 's'},
		{"dev-root", required_argument, NULL, 'd'},
		{"version", no_argument, NULL, 'v'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct roots roots = {.sysfs = HOST_SYSFS, .dev = "/dev"};
	static struct session session;
	bool announce = false;
	int status;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'a':
			announce = true;
			break;
		case 's':
			roots.sysfs = optarg;
			break;
		case 'd':
			roots.dev = optarg;
			break;
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
	/* A reader that went away must end us through write()'s error, with everything closed. */
	signal(SIGPIPE, SIG_IGN);
	/* Processes that sysfs_write_within() left to themselves are nobody's to wait for. */
	signal(SIGCHLD, SIG_IGN);
	if (announce && write_all(STDOUT_FILENO, READY, strlen(READY)))
		return 1;
	session_init(&session, &roots);
	status = serve(&session);
	session_end(&session);
	return status;
}
