/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* zones.xml of the enforcer, and the paths that are made of it. */
#include "fuzz.h"
#include "zones.h"

static struct conf conf = {.signed_dir = "/var/lib/opendnssec/signed"};

static void look(const struct zone_entry *z)
{
	char path[PATH_MAX], rest[PATH_MAX], *p, *word;

	zone_flat_name(z->name, path, sizeof(path));
	must(!strchr(path, '/') && !strchr(path, ' '));
	if (zone_published_path(&conf, "/s", z, path, sizeof(path)) < 0)
		return;
	must(strncmp(path, "/s/published/", 13) == 0);
	strcpy(rest, path + 13);
	for (word = strtok_r(rest, "/", &p); word;
	     word = strtok_r(NULL, "/", &p))
		must(strcmp(word, "..") != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct zone_list list;
	char *text = fuzz_text(data, len);
	size_t i;

	if (zones_parse("zones.xml", text, len, &list, NULL) == 0)
		for (i = 0; i < list.count; i++) {
			const struct zone_entry *z = &list.zone[i], *found;

			must(i == 0 || strcmp(z[-1].name, z->name) <= 0);
			found = zones_find(&list, z->name);
			must(found && strcmp(found->name, z->name) == 0);
			look(z);
		}
	zones_free(&list);
	free(text);
	return 0;
}
