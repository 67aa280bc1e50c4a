// SPDX-License-Identifier: MIT
#include "session/session.h"

#include <string.h>
#include <unistd.h>

void session_init(struct session *s, const struct roots *roots)
{
	memset(s, 0, sizeof(*s));
	s->roots = *roots;
	watch_init(&s->watch);
	s->formers = json_object();
	s->running = -1;
}

void session_end(struct session *s)
{
	alarm(SESSION_END_SECONDS);
	session_devices_end(&s->open);
	watch_stop(&s->watch);
	script_clear(&s->script);
	module_image_clear(&s->image);
	json_decref(s->formers);
}
