// SPDX-License-Identifier: MIT
/* Runs a loaded script. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "vfio/access.h"
#include "stores/script.h"

/* The state of a run. */
struct run {
	const struct script *script;
	struct vfio_device *dev;
	run_attend attend;
	void *context;
	struct script_result *r;
	struct burst_result *burst;
	uint64_t attended;
	/* The kernel writes 8-byte words, as in op_read(). */
	_Alignas(8) unsigned char read[READ_MAX];
	size_t read_len;
};

/* Whether the access ended as expected; if not, the failure of the result says how it ended. */
static bool as_expected(struct run *run, const struct script_step *step, const char *code,
			const char *what)
{
	struct failure *f = &run->r->failure;

	if (!strcmp(step->error[0] ? step->error : SCRIPT_NO_ERROR, code))
		return true;
	if (step->error[0])
		fail(f, code, NULL, "%s at 0x%" PRIx64 " should have failed with %s; it %s%s", what,
		     step->offset, step->error,
		     strcmp(code, SCRIPT_NO_ERROR) ? "failed with " : "did not fail",
		     strcmp(code, SCRIPT_NO_ERROR) ? code : "");
	else if (!strcmp(code, "short"))
		fail(f, code, NULL, "%s at 0x%" PRIx64 " moved fewer bytes than requested", what,
		     step->offset);
	else
		fail(f, code, NULL, "%s at 0x%" PRIx64 " failed with %s", what, step->offset, code);
	return false;
}

static const char *code_of(ssize_t n, size_t len, int err)
{
	return n < 0 ? errno_name(err) : n == (ssize_t)len ? SCRIPT_NO_ERROR : "short";
}

static bool run_store(struct run *run, const struct script_step *step)
{
	const unsigned char *data = run->script->bytes + step->data;
	ssize_t n = pwrite(run->dev->fd, data, step->len, step->at);
	const char *code = code_of(n, step->len, errno);

	run->r->sent++;
	if (n == (ssize_t)step->len)
		run->r->succeeded++;
	else
		run->r->failed++;
	if (n > 0)
		run->r->bytes += (uint64_t)n;
	run->r->steps++;
	return as_expected(run, step, code, "the store");
}

static bool run_burst(struct run *run, const struct script_step *step)
{
	struct burst burst = script_burst(run->script, step);
	struct burst_result *b = run->burst;

	if (burst_run(run->dev, &burst, run->attend, run->context, b, &run->r->failure))
		return false;
	run->r->sent += b->sent;
	run->r->succeeded += b->succeeded;
	run->r->failed += b->failed;
	run->r->bytes += b->bytes;
	run->r->steps += b->sent;
	run->r->at_sent = b->sent;
	if (b->ended == RUN_STOPPED || b->ended == RUN_NO_INPUT) {
		run->r->ended = b->ended;
		return false;
	}
	run->attended = now_ns();
	return as_expected(run, step,
			   !b->failed ? SCRIPT_NO_ERROR
			   : b->error ? errno_name(b->error)
				      : "short",
			   "a store of the burst");
}

static bool run_read(struct run *run, const struct script_step *step)
{
	ssize_t n = pread(run->dev->fd, run->read, step->len, step->at);
	int err = errno;

	run->r->reads++;
	run->r->steps++;
	run->read_len = n < 0 ? 0 : (size_t)n;
	return as_expected(run, step, code_of(n, step->len, err), "the read");
}

static bool run_expect(struct run *run, const struct script_step *step)
{
	const unsigned char *wanted = run->script->bytes + step->data;
	const unsigned char *mask = step->masked ? run->script->bytes + step->mask : NULL;
	size_t there = step->offset < run->read_len ? run->read_len - step->offset : 0;
	const unsigned char *got = run->read + (there ? step->offset : 0);
	size_t len = there < step->len ? there : step->len;
	size_t i;

	run->r->steps++;
	for (i = 0; i < len; i++)
		if ((wanted[i] ^ got[i]) & (mask ? mask[i] : 0xff))
			break;
	if (i == step->len)
		return true;
	run->r->has_actual = true;
	memcpy(run->r->actual, got, len);
	run->r->actual_len = len;
	fail(&run->r->failure, "bytes", NULL, "byte %" PRIu64 " of what was read %s",
	     step->offset + i, i < len ? "differs from what was expected" : "is missing");
	return false;
}

/* Every BURST_ATTEND_NS: checks whether to end. */
static bool keeps_running(struct run *run, uint64_t now)
{
	if (now - run->attended < BURST_ATTEND_NS)
		return true;
	run->r->ended = run->attend(run->context);
	run->attended = now_ns();
	return run->r->ended == RUN_CONTINUES;
}

/* Sleep in pieces, so that a request to stop is seen. */
static bool run_sleep(struct run *run, const struct script_step *step)
{
	uint64_t end = now_ns() + step->count;
	uint64_t now;

	while ((now = now_ns()) < end) {
		uint64_t piece = end - now < BURST_ATTEND_NS ? end - now : BURST_ATTEND_NS;
		struct timespec t = {.tv_nsec = (long)piece};

		nanosleep(&t, NULL);
		if (!keeps_running(run, now_ns()))
			return false;
	}
	run->r->steps++;
	return true;
}

static bool run_step(struct run *run, const struct script_step *step)
{
	switch (step->kind) {
	case SCRIPT_STORE:
		return run_store(run, step);
	case SCRIPT_BURST:
		return run_burst(run, step);
	case SCRIPT_READ:
		return run_read(run, step);
	case SCRIPT_EXPECT:
		return run_expect(run, step);
	case SCRIPT_SLEEP:
		return run_sleep(run, step);
	default:
		return true;
	}
}

static void script_execute(struct run *run)
{
	const struct script *script = run->script;
	struct script_result *r = run->r;
	uint64_t start = now_ns();
	uint64_t now = start;
	size_t i = 0;

	/* A request to stop, or the end of the input, may have arrived already. */
	r->ended = run->attend(run->context);
	run->attended = start;
	while (r->ended == RUN_CONTINUES && i < script->count) {
		const struct script_step *step = &script->steps[i];

		r->at = i;
		if (!keeps_running(run, now))
			break;
		if (step->kind == SCRIPT_REPEAT) {
			r->rounds[r->depth++] = 0;
		} else if (step->kind == SCRIPT_END) {
			if (++r->rounds[r->depth - 1] < script->steps[step->partner].count)
				i = step->partner;
			else
				r->depth--;
		} else if (!run_step(run, step)) {
			if (r->ended == RUN_CONTINUES)
				r->ended = RUN_FAILED;
			break;
		}
		r->at_sent = 0;
		now = now_ns();
		i++;
	}
	if (r->ended == RUN_CONTINUES)
		r->ended = RUN_DONE;
	r->duration_ns = now_ns() - start;
}

int script_run(struct script *script, struct vfio_device *dev, run_attend attend, void *context,
	       struct script_result *result)
{
	struct run *run;
	int err = -1;

	memset(result, 0, sizeof(*result));
	if (script_check(script, dev, &result->at, &result->failure)) {
		result->ended = RUN_REFUSED;
		return 0;
	}
	result->at = 0;
	run = aligned_alloc(8, sizeof(*run));
	if (!run)
		return -1;
	memset(run, 0, sizeof(*run));
	run->script = script;
	run->dev = dev;
	run->attend = attend;
	run->context = context;
	run->r = result;
	run->burst = malloc(sizeof(*run->burst));
	if (run->burst) {
		script_execute(run);
		err = 0;
	}
	free(run->burst);
	free(run);
	return err;
}
