/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* A signconf of the enforcer. */
#include "backup2.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct signconf s;
	struct backup2 b = {0};
	char *text = fuzz_text(data, len);
	int i;

	if (signconf_parse("signconf.xml", text, len, &s, NULL) == 0) {
		must(s.keys >= 0 && s.keys <= BACKUP2_KEYS_MAX);
		must(memchr(s.serial_mode, '\0', sizeof(s.serial_mode)));
		b.keys = s.keys;
		for (i = 0; i < s.keys; i++) {
			must(memchr(s.key[i], '\0', sizeof(s.key[i])));
			must(i == 0 || strcmp(s.key[i - 1], s.key[i]) <= 0);
			strcpy(b.key[i], s.key[i]);
		}
		must(backup2_keys_match(&b, &s));
	}
	free(text);
	return 0;
}
