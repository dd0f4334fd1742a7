/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* A state file in /run/ocf-ods. */
#include "fuzz.h"
#include "statefile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct statefile sf;
	int i;

	if (len > sizeof(sf.text) - 1)
		len = sizeof(sf.text) - 1;
	if (len > 0)
		memcpy(sf.text, data, len);
	sf.text[len] = '\0';
	statefile_parse(&sf);
	must(sf.count >= 0 && sf.count <= STATEFILE_PAIRS);
	for (i = 0; i < sf.count; i++) {
		must(!strchr(sf.key[i], '=') && !strchr(sf.key[i], '\n'));
		must(!strchr(sf.value[i], '\n'));
		must(statefile_get(&sf, sf.key[i]));
		statefile_number(&sf, sf.key[i], 0);
	}
	must(statefile_age_ms(&sf) >= 0);
	return 0;
}
