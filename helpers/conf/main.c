/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* ods-conf PATH [--ids]: what conf.xml says, as "key=value" lines, for agents
 * that link libc alone, and statically.  Never prints a PIN.  What the agents
 * read comes first, "end=1" last, so that a reader of a cut answer knows.
 * With --ids also the numbers of the users and groups, nothing where this
 * node knows none of that name.  On failure one "err=" (errno) and one "why="
 * line, exit code 1. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "conf.h"
#include "ids.h"

static void print_text(const char *key, const char *value)
{
	printf("%s=%s\n", key, value);
}

static void print_daemons(const struct conf *c)
{
	print_text("enforcer_pidfile", c->enforcer_pidfile);
	print_text("enforcer_socket", c->enforcer_socket);
	print_text("enforcer_dir", c->enforcer_dir);
	print_text("enforcer_user", c->enforcer_user);
	print_text("enforcer_group", c->enforcer_group);
	print_text("signer_pidfile", c->signer_pidfile);
	print_text("signer_socket", c->signer_socket);
	print_text("signer_dir", c->signer_dir);
	print_text("signer_user", c->signer_user);
	print_text("signer_group", c->signer_group);
	print_text("zones_file", c->zones_file);
	print_text("notify_command", c->notify_command);
}

static void print_rest(const struct conf *c)
{
	print_text("policy_file", c->policy_file);
	print_text("zonelist_file", c->zonelist_file);
	print_text("database", c->database);
	printf("mysql=%d\n", c->mysql);
	print_text("signconf_dir", c->signconf_dir);
	print_text("unsigned_dir", c->unsigned_dir);
	print_text("signed_dir", c->signed_dir);
}

static void print_repositories(const struct conf *c)
{
	int i;

	printf("repositories=%d\n", c->repository_count);
	for (i = 0; i < c->repository_count; i++) {
		const struct conf_repository *r = &c->repository[i];

		printf("repository.%d.name=%s\n", i, r->name);
		printf("repository.%d.module=%s\n", i, r->module);
		printf("repository.%d.token_label=%s\n", i, r->token_label);
		printf("repository.%d.pin_given=%d\n", i, r->pin[0] != '\0');
		printf("repository.%d.capacity=%ld\n", i, r->capacity);
		printf(
		    "repository.%d.require_backup=%d\n", i, r->require_backup);
		printf("repository.%d.skip_public_key=%d\n", i,
		    r->skip_public_key);
	}
}

int main(int argc, char **argv)
{
	static struct conf conf;
	struct why why = {0};

	if (argc < 2 || argc > 3 || (argc == 3 && strcmp(argv[2], "--ids"))) {
		fprintf(stderr, "usage: ods-conf CONF.XML [--ids]\n");
		return 2;
	}
	if (conf_load(argv[1], &conf, &why) < 0) {
		printf("err=%d\nwhy=%s\n", -why.err, why.text);
		return 1;
	}
	print_text("conf", conf.path);
	if (argc == 3)
		ids_print(&conf, stdout);
	print_daemons(&conf);
	print_rest(&conf);
	print_repositories(&conf);
	conf_free(&conf);
	print_text("end", "1");
	return fflush(stdout) == 0 ? 0 : 1;
}
