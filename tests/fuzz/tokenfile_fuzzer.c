/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* A file of SoftHSM's: what is whole is not whole with an octet less or more,
 * and nothing behind it is looked at. */
#include "fuzz.h"
#include "tokenfile.h"
#include "wire.h"

#define NAME "t/k.object"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *copy = fuzz_text(data, len);

	if (tokenfile_is_whole(NAME, data, len)) {
		must(!tokenfile_is_whole(NAME, data, len - 1));
		must(!tokenfile_is_whole(NAME, copy, len + 1));
	}
	free(copy);
	return 0;
}

static void make_seeds(void)
{
	uint8_t buf[256];
	struct wire_writer w;

	wire_write_begin(&w, buf, sizeof(buf));
	wire_put_u64(&w, 1);
	wire_put_u64(&w, 1);
	wire_put_u64(&w, 1);
	wire_put_u8(&w, 0xff);
	fuzz_seed("boolean", buf, w.used);
	wire_put_u64(&w, 0x102);
	wire_put_u64(&w, 3);
	wire_put_u64(&w, 4);
	wire_put_bytes(&w, "abcd", 4);
	fuzz_seed("octets", buf, w.used);
	wire_put_u64(&w, 0x40000600);
	wire_put_u64(&w, 5);
	wire_put_u64(&w, 1);
	wire_put_u64(&w, 2);
	fuzz_seed("mechanisms", buf, w.used);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return fuzz_seeds(make_seeds);
}
