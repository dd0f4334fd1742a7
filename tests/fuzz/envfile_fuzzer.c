/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* The daemons' environment files. */
#include <ctype.h>

#include "envfile.h"
#include "fuzz.h"

static void look(const struct envfile *e, size_t at)
{
	char *name = strdup(e->env[at]), *value = strchr(name, '=');
	size_t i;

	must(value && value > name);
	*value++ = '\0';
	must(!isdigit((unsigned char)name[0]));
	for (i = 0; name[i]; i++)
		must(isalnum((unsigned char)name[i]) || name[i] == '_');
	must(strcmp(envfile_get(e, name), value) == 0); /* so it is unique */
	free(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct envfile e = {0};
	char *text = fuzz_text(data, len);
	size_t i;

	must(envfile_parse(&e, text) == 0);
	for (i = 0; i < e.count; i++)
		look(&e, i);
	must(!e.env || !e.env[e.count]);
	envfile_free(&e);
	free(text);
	return 0;
}
