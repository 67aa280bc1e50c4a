// SPDX-License-Identifier: MIT
#include "serve.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "operations/answer.h"
#include "operations/dmb_operations.h"
#include "link/lines.h"
#include "link/link.h"

/* Standard input, shared by serve() and by operations that read while they run. */
static struct line_reader reader;

/* Readable after a signal to end; the helper then ends as it does when its input ends.
 */
static int asked_to_end[2] = {-1, -1};

static void note_signal(int number)
{
	int err = errno;

	(void)number;
	/* Backstop: something may block the end, for example a client that does not read. */
	alarm(SESSION_END_SECONDS);
	(void)!write(asked_to_end[1], "", 1);
	errno = err;
}

static int catch_signals(void)
{
	static const int numbers[] = {SIGHUP, SIGINT, SIGTERM};
	struct sigaction action = {.sa_handler = note_signal, .sa_flags = SA_RESTART};
	size_t i;

	if (pipe2(asked_to_end, O_CLOEXEC | O_NONBLOCK))
		return -1;
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (sigaction(numbers[i], &action, NULL))
			return -1;
	return 0;
}

/* Send @reply and a newline and free it; -1 when the peer is gone. */
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
	err = link_write(line, len + 1);
	free(line);
	return err;
}

/* The shorter of two waits of poll(), where -1 is for ever. */
static int shorter_wait(int a, int b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

/*
 * Wait until there is input, and meanwhile send the events that are due. Nothing here waits while
 * there is input, so that no answer is late. Returns 0, or -1 when the peer is gone.
 */
static int wait_for_input(struct session *session)
{
	struct watch *watch = &session->watch;

	for (;;) {
		struct pollfd fds[3 + MAX_DEVICES] = {
			{.fd = STDIN_FILENO, .events = POLLIN},
			{.fd = watch->fd, .events = POLLIN}, /* -1 is ignored */
			{.fd = asked_to_end[0], .events = POLLIN},
		};
		size_t count = 3 + dmb_poll_fds(session, fds + 3);
		char *lines;
		int err;

		if (poll(fds, count,
			 shorter_wait(watch_timeout(watch, watch_now_ms()), link_timeout_ms())) <
		    0) {
			if (errno != EINTR)
				return -1;
			continue;
		}
		if (fds[2].revents)
			return -1;
		if (!fds[0].revents && link_is_silent()) {
			fprintf(stderr,
				"ism-helper: no input for too long; the link counts as lost\n");
			return -1;
		}
		if (dmb_send_events(session))
			return -1;
		if (fds[1].revents)
			watch_receive(watch);
		lines = watch_lines(watch, watch_now_ms());
		err = lines ? link_write(lines, strlen(lines)) : 0;
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
			reply = answer_request(session, line, len);
			break;
		case LINE_TOO_LONG:
			reply = answer_unreadable(
				"EMSGSIZE", "the line is longer than 65536 bytes and was ignored");
			break;
		default:
			return 0;
		}
		if (send_reply(reply))
			return -1;
	}
}

/*
 * While a burst or script runs, events of buffers are sent this often at most: all of them would be
 * more than some links carry, and the stores would then wait for the client to read.
 */
#define DMB_EVENTS_MS 100

static int report_dmb_signals(struct session *session)
{
	static long long last_ms;
	long long now_ms = watch_now_ms();

	if (now_ms - last_ms < DMB_EVENTS_MS)
		return 0;
	last_ms = now_ms;
	return dmb_send_events(session);
}

/*
 * For an operation that takes long: answer the requests that have arrived, without waiting for
 * more. Returns -1 when the client is gone. Events of functions wait: the client would react with
 * `list`, which is refused until the operation is over.
 */
static int serve_while_running(struct session *session)
{
	struct pollfd in[] = {
		{.fd = STDIN_FILENO, .events = POLLIN},
		{.fd = asked_to_end[0], .events = POLLIN},
	};

	if (answer_lines(session) || report_dmb_signals(session))
		return -1;
	if (poll(in, 2, 0) <= 0)
		return link_is_silent() ? -1 : 0;
	if (in[1].revents)
		return -1;
	link_heard();
	return lines_fill(&reader) == LINE_MORE ? answer_lines(session) : -1;
}

int serve(struct session *session)
{
	enum line_status status = LINE_MORE;

	lines_init(&reader, STDIN_FILENO);
	if (catch_signals()) {
		fprintf(stderr, "ism-helper: cannot catch signals: %s\n", strerror(errno));
		return 1;
	}
	link_init(asked_to_end[0]);
	session->attend = serve_while_running;
	session->say = send_reply;
	while (status == LINE_MORE) {
		if (answer_lines(session) || wait_for_input(session))
			return 1;
		status = lines_fill(&reader);
		link_heard();
	}
	if (status == LINE_END)
		return 0;
	fprintf(stderr, "ism-helper: cannot read standard input: %s\n", strerror(errno));
	return 1;
}
