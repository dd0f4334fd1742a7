/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <grp.h>
#include <pwd.h>
#include <cmocka.h>

#include "ids.h"

static struct conf conf;
static char *text;

static void print(void)
{
	size_t len;
	FILE *out;

	free(text);
	text = NULL;
	out = open_memstream(&text, &len);
	assert_non_null(out);
	ids_print(&conf, out);
	assert_int_equal(fclose(out), 0);
}

static void no_privileges_no_numbers(void **state)
{
	(void)state;
	memset(&conf, 0, sizeof(conf));
	print();
	assert_string_equal(
	    text, "enforcer_uid=\nenforcer_gid=\nsigner_uid=\nsigner_gid=\n");
}

static void unknown_names_no_numbers(void **state)
{
	(void)state;
	memset(&conf, 0, sizeof(conf));
	strcpy(conf.enforcer_user, "no such user");
	strcpy(conf.signer_group, "no such group");
	print();
	assert_string_equal(
	    text, "enforcer_uid=\nenforcer_gid=\nsigner_uid=\nsigner_gid=\n");
}

/* Each in its own place: the last user and group of this machine. */
static void known_names(void **state)
{
	char user[sizeof(conf.signer_user)] = "";
	char group[sizeof(conf.signer_group)] = "";
	unsigned long uid = 0, gid = 0;
	const struct passwd *pw;
	const struct group *gr;
	char want[160];

	(void)state;
	while ((pw = getpwent())) {
		snprintf(user, sizeof(user), "%s", pw->pw_name);
		uid = pw->pw_uid;
	}
	while ((gr = getgrent())) {
		snprintf(group, sizeof(group), "%s", gr->gr_name);
		gid = gr->gr_gid;
	}
	if (!user[0] || !group[0])
		skip();
	memset(&conf, 0, sizeof(conf));
	strcpy(conf.enforcer_user, user);
	strcpy(conf.signer_group, group);
	print();
	snprintf(want, sizeof(want),
	    "enforcer_uid=%lu\nenforcer_gid=\nsigner_uid=\nsigner_gid=%lu\n",
	    uid, gid);
	assert_string_equal(text, want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_privileges_no_numbers),
	    cmocka_unit_test(unknown_names_no_numbers),
	    cmocka_unit_test(known_names),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	free(text);
	return failed;
}
