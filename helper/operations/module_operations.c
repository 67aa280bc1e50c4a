// SPDX-License-Identifier: MIT
/* The operations on modules: query, remove, insert; and the kernel log. */
#include "operations/operations.h"

#include <stdlib.h>
#include <string.h>

#include "kernel/kmsg.h"
#include "base/json_pairs.h"
#include "base/sha256.h"

static int field_module(const json_t *req, const char **name, struct failure *f)
{
	const char *s = json_string_value(json_object_get(req, "name"));

	if (!s || !is_module_name(s))
		return fail(f, "EINVAL", NULL,
			    "the field 'name' must be a module's name such as ism_vfio_pci");
	*name = s;
	return 0;
}

json_t *op_module(struct session *s, const json_t *req, struct failure *f)
{
	const char *name;

	if (field_module(req, &name, f))
		return NULL;
	return module_json(&s->roots, name);
}

json_t *op_module_remove(struct session *s, const json_t *req, struct failure *f)
{
	const char *name;

	if (field_module(req, &name, f) || modules_available(&s->roots, f) ||
	    module_remove(&s->roots, name, f))
		return NULL;
	return module_json(&s->roots, name);
}

json_t *op_module_data(struct session *s, const json_t *req, struct failure *f)
{
	static unsigned char piece[MODULE_PIECE_MAX];
	uint64_t first;
	size_t len;

	if (field_uint(req, "first", 0, MODULE_IMAGE_MAX, &first, f) ||
	    field_data(req, "data", piece, sizeof(piece), &len, f))
		return NULL;
	if (!first)
		module_image_clear(&s->image);
	if (first != s->image.len) {
		fail(f, "EINVAL", NULL,
		     "%zu bytes of the module have arrived, so the next piece cannot start at %llu",
		     s->image.len, (unsigned long long)first);
		module_image_clear(&s->image);
		return NULL;
	}
	if (module_image_add(&s->image, piece, len, f)) {
		module_image_clear(&s->image);
		return NULL;
	}
	return JSON_OBJECT(PAIR_NUMBER("received", s->image.len));
}

json_t *op_module_insert(struct session *s, const json_t *req, struct failure *f)
{
	const char *sum = json_string_value(json_object_get(req, "sha256"));
	const json_t *given = json_object_get(req, "parameters");
	const char *parameters = given ? json_string_value(given) : "";
	const char *name;
	int failed;

	if (field_module(req, &name, f))
		return NULL;
	if (!sum || strlen(sum) != SHA256_DIGITS) {
		fail(f, "EINVAL", NULL, "the field 'sha256' must have %d hex digits",
		     SHA256_DIGITS);
		return NULL;
	}
	if (!parameters || strlen(parameters) > MODULE_PARAMETERS_MAX) {
		fail(f, "EINVAL", NULL,
		     "the field 'parameters' must be a string of at most %d bytes",
		     MODULE_PARAMETERS_MAX);
		return NULL;
	}
	if (modules_available(&s->roots, f))
		return NULL;
	if (!s->image.len) {
		fail(f, "EINVAL", NULL, "no module has been sent; send it with module-data first");
		return NULL;
	}
	failed = module_insert(&s->image, sum, parameters, f);
	module_image_clear(&s->image);
	return failed ? NULL : module_json(&s->roots, name);
}

json_t *op_kernel_log(struct session *s, const json_t *req, struct failure *f)
{
	uint64_t from = KMSG_END;

	if (json_object_get(req, "from") && field_uint(req, "from", 0, INT64_MAX, &from, f))
		return NULL;
	return kmsg_read(&s->roots, from, f);
}
