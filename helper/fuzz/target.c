// SPDX-License-Identifier: MIT
/*
 * The fuzz target of the helper (libFuzzer). The first byte of an input selects the
 * reader that gets the rest:
 *   s  requests: two bytes with the length of what the world answers (world.h), those bytes, and
 *      then lines, as a client may send them
 *   d, g, f  a datagram of SMC's devices, of its link groups, of the list of families
 *   u  a uevent
 *   l  bytes of standard input
 *   w  a layout of regions and accesses to them
 * Any other byte maps to one of them. ISM_FUZZ_KINDS in the environment limits the readers.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vfio/access.h"
#include "dmb/dma_range.h"
#include "link/lines.h"
#include "operations/answer.h"
#include "session/session.h"
#include "kernel/smc.h"
#include "vfio/window.h"
#include "world.h"

/* Lines of one input that are answered. */
#define LINES_MAX 12

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
	const char *at;
	size_t left;
	unsigned int lines;
	unsigned int attended;
} input;

/* Answer the next line; false when there is none. */
static bool answer_line(struct session *session)
{
	const char *end = memchr(input.at, '\n', input.left);
	size_t len = end ? (size_t)(end - input.at) : input.left;
	char *line;
	char *reply;

	if (!input.left || input.lines++ >= LINES_MAX)
		return false;
	/* In memory of its own length, so that a read past its end is noticed. */
	line = malloc(len ? len : 1);
	memcpy(line, input.at, len);
	input.at += end ? len + 1 : len;
	input.left -= end ? len + 1 : len;
	reply = answer_request(session, line, len);
	if (!reply || strchr(reply, '\n'))
		abort();
	free(reply);
	free(line);
	return true;
}

static int attend(struct session *session)
{
	if (++input.attended > 8)
		return -1;
	answer_line(session);
	return 0;
}

static int say(char *line)
{
	free(line);
	return 0;
}

static void requests(const uint8_t *data, size_t size)
{
	static const struct roots roots = {.sysfs = "/world/sys", .dev = "/world/dev"};
	static struct session session;
	size_t answers;

	if (size < 2)
		return;
	answers = data[0] | (size_t)data[1] << 8;
	data += 2;
	size -= 2;
	if (answers > size)
		answers = size;
	input.at = (const char *)data + answers;
	input.left = size - answers;
	input.lines = 0;
	input.attended = 0;
	world_begin(data, answers, &session);
	session_init(&session, &roots);
	session.attend = attend;
	session.say = say;
	while (answer_line(&session)) {
		watch_receive(&session.watch);
		free(watch_lines(&session.watch, watch_now_ms()));
	}
	session_end(&session);
}

static void datagram(const uint8_t *data, size_t size, uint8_t kind)
{
	static struct smc_view view;
	struct nl_family_search search = {.name = "SMC_NETLINK"};
	struct nl_span span = {data, size};

	view.device_count = view.group_count = 0;
	if (kind == 'f')
		nl_read_dump(span, 1, nl_family_each, &search);
	else
		nl_read_dump(span, 1, kind == 'd' ? smc_device_each : smc_group_each, &view);
	if (view.device_count > SMC_DEVICES_MAX || view.group_count > SMC_GROUPS_MAX)
		abort();
}

static void uevents(const uint8_t *data, size_t size)
{
	static struct watch watch;
	struct uevent event;

	watch_init(&watch);
	if (uevent_read((const char *)data, size, &event)) {
		watch_note(&watch, &event, 5);
		free(watch_lines(&watch, 100000));
	}
}

static void lines(const uint8_t *data, size_t size)
{
	static struct line_reader reader;
	enum line_status status = LINE_MORE;
	const char *line;
	size_t total = 0;
	size_t len;

	world_begin(data, size, NULL);
	lines_init(&reader, WORLD_FD);
	while (status == LINE_MORE) {
		enum line_status taken;

		while ((taken = lines_take(&reader, &line, &len)) != LINE_MORE) {
			if (taken == LINE_READY && (len > MAX_LINE || memchr(line, '\n', len)))
				abort();
			total += taken == LINE_READY ? len : 0;
		}
		status = lines_fill(&reader);
	}
	if (total > size)
		abort();
}

/* In any layout, an access that is allowed stays in one region. */
static void windows(const uint8_t *data, size_t size)
{
	static const char *const drivers[] = {"ism_vfio_pci", "vfio-pci", "my_ism", ""};
	static struct vfio_device dev;
	struct dma_range ranges[4];
	uint64_t place[2] = {0};
	struct failure f;
	uint64_t base;
	off_t at;
	int i;

	world_begin(data, size, NULL);
	memset(&dev, 0, sizeof(dev));
	strcpy(dev.driver, drivers[world_byte() & 3]);
	dev.num_regions = 9;
	for (i = 0; i < MAX_REGIONS; i++)
		dev.regions[i].err = EINVAL;
	for (i = 0; i < 9; i++) {
		dev.regions[i].err = world_byte() & 1 ? EINVAL : 0;
		dev.regions[i].flags = 3;
		world_bytes(&dev.regions[i].size, 8);
		world_bytes(&dev.regions[i].offset, 8);
	}
	for (i = 0; i < MAX_REGIONS; i++)
		dev.regions[i].window = region_window(&dev, (uint32_t)i);
	for (i = 0; i < 9; i++) {
		const struct region *r = &dev.regions[i];
		int j;

		world_bytes(place, sizeof(place));
		place[1] &= 4095;
		if (load_target(&dev, (uint32_t)i, place[0], place[1] + 1, &at, &f) &&
		    store_target(&dev, (uint32_t)i, place[0], place[1] + 1, &at, &f))
			continue;
		if (at < 0 || (uint64_t)at != r->offset + place[0] ||
		    (uint64_t)at + place[1] > INT64_MAX)
			abort();
		for (j = 0; j < 9; j++)
			if (j != i && !dev.regions[j].err && dev.regions[j].offset > r->offset &&
			    dev.regions[j].offset <= (uint64_t)at + place[1])
				abort();
	}
	world_bytes(ranges, sizeof(ranges));
	dev.zpci.has_base = world_byte() & 1;
	world_bytes(&dev.zpci.start_dma, 8);
	world_bytes(&dev.zpci.end_dma, 8);
	if (!dma_range_choose(ranges, 4, &dev.zpci, 327680, 65536, &base) &&
	    (base % 65536 || base + 327679 < base))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char kinds[] = "sdgfulws";
	static const char *wanted;
	uint8_t kind;
	uint8_t *copy;

	if (!wanted)
		wanted = getenv("ISM_FUZZ_KINDS") ? getenv("ISM_FUZZ_KINDS") : kinds;
	if (!size)
		return 0;
	kind = memchr(kinds, data[0], sizeof(kinds) - 1) ? data[0] : (uint8_t)kinds[data[0] & 7];
	/* Others are not kept in the corpus. */
	if (!strchr(wanted, kind))
		return -1;
	copy = malloc(size > 1 ? size - 1 : 1);
	memcpy(copy, data + 1, size - 1);
	switch (kind) {
	case 'd':
	case 'g':
	case 'f':
		datagram(copy, size - 1, kind);
		break;
	case 'u':
		uevents(copy, size - 1);
		break;
	case 'l':
		lines(copy, size - 1);
		break;
	case 'w':
		windows(copy, size - 1);
		break;
	default:
		requests(copy, size - 1);
	}
	free(copy);
	return 0;
}
