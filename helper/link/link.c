// SPDX-License-Identifier: MIT
#include "link/link.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int asked_to_end = -1;
static bool input_can_end; /* and poll() says so: a pipe, a socket or a terminal */
static uint32_t silence_s;
static int64_t heard_ms;

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void link_init(int fd)
{
	struct stat st;

	asked_to_end = fd;
	input_can_end = !fstat(STDIN_FILENO, &st) &&
			(S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode) || isatty(STDIN_FILENO));
	link_heard();
}

void link_heard(void)
{
	heard_ms = now_ms();
}

void link_set_silence(uint32_t seconds)
{
	silence_s = seconds;
	link_heard();
}

int link_timeout_ms(void)
{
	int64_t left;

	if (!silence_s)
		return -1;
	left = heard_ms + (int64_t)silence_s * 1000 - now_ms();
	return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

bool link_is_silent(void)
{
	return !link_timeout_ms();
}

/* Whether no further input can come, beyond what is in the pipe. */
static bool input_has_ended(const struct pollfd *in)
{
	return !input_can_end || (in->revents & (POLLHUP | POLLERR | POLLNVAL | POLLRDHUP));
}

/* How many bytes of input wait to be read. */
static int waiting_input(void)
{
	int n = 0;

	return ioctl(STDIN_FILENO, FIONREAD, &n) ? 0 : n;
}

/*
 * Wait until something can be written; -1 when the link is lost. Input that comes meanwhile
 * is a sign of life, although it is not read now.
 */
static int wait_for_room(void)
{
	int64_t since = now_ms();
	int input = waiting_input();

	for (;;) {
		struct pollfd out[] = {
			{.fd = STDOUT_FILENO, .events = POLLOUT},
			{.fd = asked_to_end, .events = POLLIN},
		};
		struct pollfd in = {.fd = STDIN_FILENO, .events = POLLRDHUP};

		/* In steps: an end of input would be reported at once, again and again. */
		if (poll(out, 2, 100) < 0) {
			if (errno != EINTR)
				return -1;
			continue;
		}
		if (out[0].revents)
			return 0;
		if (out[1].revents)
			return -1;
		poll(&in, 1, 0);
		if (input_has_ended(&in) && now_ms() - since >= READER_LIMIT_MS)
			return -1;
		if (waiting_input() != input)
			link_heard();
		input = waiting_input();
		if (link_is_silent())
			return -1;
	}
}

int link_write(const char *bytes, size_t len)
{
	while (len > 0) {
		/* A pipe with room takes this much without waiting (pipe(7), PIPE_BUF). */
		size_t piece = len < PIPE_BUF ? len : PIPE_BUF;
		ssize_t n;

		if (wait_for_room())
			return -1;
		n = write(STDOUT_FILENO, bytes, piece);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			return -1;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}
