/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* The signer's backup of a zone: one that counts as whole is whole with
 * another serial, too, and says that one. */
#include "backup2.h"
#include "fuzz.h"

static int read_it(char *text, size_t len, struct backup2 *b)
{
	FILE *in = fmemopen(text, len ? len : 1, "r");
	int rc;

	must(in);
	rc = backup2_read(in, b);
	fclose(in);
	return rc;
}

static void other_serial(char *text, size_t len, const struct backup2 *b)
{
	uint32_t serial = b->internal + 4242;
	struct backup2 now;
	FILE *in = fmemopen(text, len, "r"), *out;
	char *copy = NULL;
	size_t size = 0;
	int i;

	out = open_memstream(&copy, &size);
	must(in && out);
	must(backup2_copy(in, out, serial) == 0);
	fclose(in);
	fclose(out);
	must(read_it(copy, size, &now) == 0);
	must(now.internal == serial && now.outbound == serial);
	must(now.inbound == b->inbound && now.lastmod == b->lastmod);
	must(now.keys == b->keys);
	for (i = 0; i < b->keys; i++)
		must(strcmp(now.key[i], b->key[i]) == 0);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct backup2 b;
	char *text = fuzz_text(data, len);

	if (read_it(text, len, &b) == 0) {
		must(b.keys >= 0 && b.keys <= BACKUP2_KEYS_MAX);
		other_serial(text, len, &b);
	}
	free(text);
	return 0;
}
