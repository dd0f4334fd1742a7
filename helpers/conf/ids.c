/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "ids.h"

#include <grp.h>
#include <pwd.h>

static void print_uid(FILE *out, const char *key, const char *name)
{
	const struct passwd *pw = name[0] ? getpwnam(name) : NULL;

	if (pw)
		fprintf(out, "%s=%lu\n", key, (unsigned long)pw->pw_uid);
	else
		fprintf(out, "%s=\n", key);
}

static void print_gid(FILE *out, const char *key, const char *name)
{
	const struct group *gr = name[0] ? getgrnam(name) : NULL;

	if (gr)
		fprintf(out, "%s=%lu\n", key, (unsigned long)gr->gr_gid);
	else
		fprintf(out, "%s=\n", key);
}

void ids_print(const struct conf *conf, FILE *out)
{
	print_uid(out, "enforcer_uid", conf->enforcer_user);
	print_gid(out, "enforcer_gid", conf->enforcer_group);
	print_uid(out, "signer_uid", conf->signer_user);
	print_gid(out, "signer_gid", conf->signer_group);
}
