// SPDX-License-Identifier: MIT
#include "serve.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lines.h"

/* Standard input. What an operation reads while it runs, the loop of serve() must find again. */
static struct line_reader reader;

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

/* Answer every line that has arrived as a whole; -1 when the peer is gone. */
static int answer_lines(struct session *session)
{
	const char *line;
	size_t len;

	for (;;) {
		char *reply;

		switch (lines_take(&reader, &line, &len)) {
		case LINE_READY:
			reply = session_answer(session, line, len);
			break;
		case LINE_TOO_LONG:
			reply = session_refuse("EMSGSIZE",
					       "the line is longer than 65536 bytes and was "
					       "ignored");
			break;
		default:
			return 0;
		}
		if (send_reply(reply))
			return -1;
	}
}

/*
 * For an operation that takes long: answer what has come meanwhile, without waiting for more.
 * Returns -1 when there is nobody to go on for.
 */
static int attend(struct session *session)
{
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};

	if (answer_lines(session))
		return -1;
	if (poll(&in, 1, 0) <= 0)
		return 0;
	return lines_fill(&reader) == LINE_MORE ? answer_lines(session) : -1;
}

int serve(struct session *session)
{
	enum line_status status = LINE_MORE;

	lines_init(&reader, STDIN_FILENO);
	session->attend = attend;
	while (status == LINE_MORE) {
		if (answer_lines(session) || wait_for_input(session))
			return 1;
		status = lines_fill(&reader);
	}
	if (status == LINE_END)
		return 0;
	fprintf(stderr, "ism-helper: standard input cannot be read: %s\n", strerror(errno));
	return 1;
}
