/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "conf.h"

static struct conf conf;
static struct why why;
static char path[] = "/tmp/conf_load_XXXXXX";

#define REPO                                                    \
	"<RepositoryList><Repository name='SoftHSM'>"           \
	"<Module>/usr/lib/softhsm/libsofthsm2.so</Module>"      \
	"<TokenLabel>OpenDNSSEC</TokenLabel><PIN>12 34</PIN>"   \
	"<Capacity>255</Capacity><RequireBackup/></Repository>" \
	"</RepositoryList>"
#define COMMON                                         \
	"<Common><PolicyFile>/e/kasp.xml</PolicyFile>" \
	"<ZoneListFile>/e/zonelist.xml</ZoneListFile></Common>"
#define SQLITE "<Datastore><SQLite>/v/kasp.db</SQLite></Datastore>"

static int load(const char *xml)
{
	int fd = open(path, O_WRONLY | O_TRUNC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, xml, strlen(xml)), strlen(xml));
	close(fd);
	memset(&why, 0, sizeof(why));
	return conf_load(path, &conf, &why);
}

static void reads_every_field(void **state)
{
	(void)state;
	assert_int_equal(load("<?xml version='1.0'?><Configuration>" REPO COMMON
	                      "<Enforcer>" SQLITE
	                      "<Privileges><User>eu</User><Group>eg</Group>"
	                      "</Privileges>"
	                      "<WorkingDirectory>/w/enf</WorkingDirectory>"
	                      "<PidFile>/w/e.pid</PidFile>"
	                      "<SocketFile>/w/e.sock</SocketFile></Enforcer>"
	                      "<Signer><Privileges><User>su</User>"
	                      "</Privileges>"
	                      "<WorkingDirectory>/w/sig</WorkingDirectory>"
	                      "<NotifyCommand>/n %zone</NotifyCommand>"
	                      "</Signer></Configuration>"),
	    0);
	assert_string_equal(conf.path, path);
	assert_string_equal(conf.policy_file, "/e/kasp.xml");
	assert_string_equal(conf.zonelist_file, "/e/zonelist.xml");
	assert_string_equal(conf.database, "/v/kasp.db");
	assert_false(conf.mysql);
	assert_string_equal(conf.enforcer_user, "eu");
	assert_string_equal(conf.enforcer_group, "eg");
	assert_string_equal(conf.enforcer_dir, "/w/enf");
	assert_string_equal(conf.enforcer_pidfile, "/w/e.pid");
	assert_string_equal(conf.enforcer_socket, "/w/e.sock");
	assert_string_equal(conf.zones_file, "/w/enf/zones.xml");
	assert_string_equal(conf.signer_user, "su");
	assert_string_equal(conf.signer_group, "");
	assert_string_equal(conf.signer_dir, "/w/sig");
	assert_string_equal(conf.notify_command, "/n %zone");
	assert_int_equal(conf.repository_count, 1);
	assert_string_equal(conf.repository[0].name, "SoftHSM");
	assert_string_equal(
	    conf.repository[0].module, "/usr/lib/softhsm/libsofthsm2.so");
	assert_string_equal(conf.repository[0].token_label, "OpenDNSSEC");
	assert_string_equal(conf.repository[0].pin, "12 34");
	assert_int_equal(conf.repository[0].capacity, 255);
	assert_true(conf.repository[0].require_backup);
	assert_false(conf.repository[0].skip_public_key);
}

static void fills_defaults(void **state)
{
	(void)state;
	assert_int_equal(
	    load("<Configuration><RepositoryList/>" COMMON "<Enforcer>" SQLITE
	         "</Enforcer></Configuration>"),
	    0);
	assert_non_null(strstr(conf.enforcer_dir, "/opendnssec/enforcer"));
	assert_non_null(strstr(conf.signer_dir, "/opendnssec/signer"));
	assert_non_null(strstr(conf.signer_socket, "/opendnssec/engine.sock"));
	assert_non_null(strstr(conf.signer_pidfile, "/signerd.pid"));
	assert_non_null(strstr(conf.enforcer_socket, "/enforcer.sock"));
	assert_non_null(strstr(conf.enforcer_pidfile, "/enforcerd.pid"));
	assert_non_null(strstr(conf.signconf_dir, "/opendnssec/signconf"));
	assert_non_null(strstr(conf.zones_file, "/enforcer/zones.xml"));
	assert_string_equal(conf.notify_command, "");
}

static void mysql_has_no_database_file(void **state)
{
	(void)state;
	assert_int_equal(load("<Configuration>" COMMON
	                      "<Enforcer><Datastore><MySQL><Host>db</Host>"
	                      "<Database>k</Database><Username>u</Username>"
	                      "<Password>p</Password></MySQL></Datastore>"
	                      "</Enforcer></Configuration>"),
	    0);
	assert_true(conf.mysql);
	assert_string_equal(conf.database, "");
}

static void missing_file(void **state)
{
	(void)state;
	assert_int_equal(conf_load("/nowhere/conf.xml", &conf, &why), -ENOENT);
	assert_non_null(strstr(why.text, "/nowhere/conf.xml is missing"));
}

static void refuses(const char *xml, const char *sentence)
{
	static const struct conf nothing;

	assert_int_equal(load(xml), -EINVAL);
	assert_non_null(strstr(why.text, sentence));
	assert_memory_equal(&conf, &nothing, sizeof(conf));
}

static void refuses_what_is_no_configuration(void **state)
{
	(void)state;
	refuses("", "not well-formed");
	refuses("<Configuration><PIN>4711", "not well-formed");
	assert_null(strstr(why.text, "4711"));
	refuses("<KASP/>", "root is not <Configuration>");
	refuses("<Configuration/>", "Common/PolicyFile");
	refuses("<Configuration>" COMMON "</Configuration>", "<Datastore>");
	refuses("<Configuration>" COMMON "<Enforcer>" SQLITE
	        "</Enforcer><RepositoryList><Repository name='x'/>"
	        "</RepositoryList></Configuration>",
	    "needs name, <Module> and <TokenLabel>");
}

static void a_pin_is_in_no_message(void **state)
{
	char xml[2048], pin[400];

	(void)state;
	memset(pin, '7', sizeof(pin) - 1);
	pin[sizeof(pin) - 1] = '\0';
	snprintf(xml, sizeof(xml),
	    "<Configuration>" COMMON "<Enforcer>" SQLITE "</Enforcer>"
	    "<RepositoryList><Repository name='x'><Module>m</Module>"
	    "<TokenLabel>t</TokenLabel><PIN>%s</PIN></Repository>"
	    "</RepositoryList></Configuration>",
	    pin);
	refuses(xml, "<PIN> is too long");
	assert_null(strstr(why.text, "777"));
}

static void line_breaks_in_a_value(void **state)
{
	(void)state;
	refuses("<Configuration><Common><PolicyFile>/a\n/b</PolicyFile>"
	        "<ZoneListFile>/z</ZoneListFile></Common></Configuration>",
	    "line break");
}

/* No entity of any kind: neither a file of the machine nor a bomb. */
static void entities_are_refused(void **state)
{
	(void)state;
	refuses("<!DOCTYPE Configuration [<!ENTITY x SYSTEM "
	        "'file:///etc/hostname'>]><Configuration><Common>"
	        "<PolicyFile>&x;</PolicyFile><ZoneListFile>/z</ZoneListFile>"
	        "</Common><Enforcer>" SQLITE "</Enforcer></Configuration>",
	    "entities");
	refuses("<!DOCTYPE c [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;'>]>"
	        "<Configuration>" COMMON "<Enforcer>" SQLITE
	        "</Enforcer></Configuration>",
	    "entities");
}

static void more_repositories_than_fit(void **state)
{
	char xml[16384];
	size_t used;
	int i;

	(void)state;
	used = (size_t)snprintf(xml, sizeof(xml),
	    "<Configuration>" COMMON "<Enforcer>" SQLITE
	    "</Enforcer><RepositoryList>");
	for (i = 0; i <= CONF_REPOSITORY_MAX; i++)
		used += (size_t)snprintf(xml + used, sizeof(xml) - used,
		    "<Repository name='r%d'><Module>m</Module>"
		    "<TokenLabel>t</TokenLabel></Repository>",
		    i);
	snprintf(xml + used, sizeof(xml) - used,
	    "</RepositoryList></Configuration>");
	refuses(xml, "more than 16 repositories");
}

static void a_file_beyond_the_bound(void **state)
{
	size_t size = 2 * 1024 * 1024;
	char *xml = malloc(size);

	(void)state;
	assert_non_null(xml);
	memset(xml, ' ', size - 1);
	xml[size - 1] = '\0';
	refuses(xml, "larger than");
	free(xml);
}

static void free_wipes_the_pins(void **state)
{
	static const char zeros[sizeof(conf.repository[0].pin)];

	(void)state;
	assert_int_equal(load("<Configuration>" REPO COMMON "<Enforcer>" SQLITE
	                      "</Enforcer></Configuration>"),
	    0);
	conf_free(&conf);
	assert_memory_equal(conf.repository[0].pin, zeros, sizeof(zeros));
}

static int setup(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int teardown(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_every_field),
	    cmocka_unit_test(fills_defaults),
	    cmocka_unit_test(mysql_has_no_database_file),
	    cmocka_unit_test(missing_file),
	    cmocka_unit_test(refuses_what_is_no_configuration),
	    cmocka_unit_test(a_pin_is_in_no_message),
	    cmocka_unit_test(line_breaks_in_a_value),
	    cmocka_unit_test(entities_are_refused),
	    cmocka_unit_test(more_repositories_than_fit),
	    cmocka_unit_test(a_file_beyond_the_bound),
	    cmocka_unit_test(free_wipes_the_pins),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
