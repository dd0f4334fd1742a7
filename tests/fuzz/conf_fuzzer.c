/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* conf.xml of OpenDNSSEC. */
#include <ctype.h>

#include "conf.h"
#include "fuzz.h"

static struct conf conf;
static const struct conf nothing;

static void one_line(const char *text, size_t size)
{
	size_t i;

	must(memchr(text, '\0', size));
	for (i = 0; text[i]; i++)
		must(!iscntrl((unsigned char)text[i]));
}

#define ONE_LINE(member) one_line(conf.member, sizeof(conf.member))

static void check(void)
{
	int i;

	ONE_LINE(policy_file);
	ONE_LINE(zonelist_file);
	ONE_LINE(enforcer_dir);
	ONE_LINE(signer_dir);
	ONE_LINE(enforcer_pidfile);
	ONE_LINE(enforcer_socket);
	ONE_LINE(signer_pidfile);
	ONE_LINE(signer_socket);
	ONE_LINE(database);
	ONE_LINE(signconf_dir);
	ONE_LINE(zones_file);
	ONE_LINE(notify_command);
	ONE_LINE(enforcer_user);
	ONE_LINE(signer_group);
	must(conf.mysql || conf.database[0]);
	must(conf.repository_count >= 0 &&
	     conf.repository_count <= CONF_REPOSITORY_MAX);
	for (i = 0; i < conf.repository_count; i++) {
		ONE_LINE(repository[i].name);
		ONE_LINE(repository[i].module);
		ONE_LINE(repository[i].token_label);
		ONE_LINE(repository[i].pin);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct why why = {0};
	char *text = fuzz_text(data, len);

	if (conf_parse("/etc/opendnssec/conf.xml", text, len, &conf, &why) ==
	    0) {
		check();
	} else {
		must(why.text[0]);
		must(memcmp(&conf, &nothing, sizeof(conf)) == 0);
	}
	conf_free(&conf);
	free(text);
	return 0;
}
