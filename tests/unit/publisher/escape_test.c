/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "versions.h"

/* The barrier is held for good: what has little time left. */

static int escapes, regathers;
static bool allowed;

static void on_escape(void *owner, void *arg)
{
	(void)owner, (void)arg;
	escapes++;
	publisher_barrier_held(publisher, allowed);
}

static void on_regather(void *owner, void *arg)
{
	(void)owner, (void)arg;
	regathers++;
	publisher_barrier_held(publisher, false);
}

static void start_asking(void)
{
	struct publisher_setup ps = {
	    .conf = &conf,
	    .state_dir = dir,
	    .publish_command = "",
	    .escape_look_ms = 50,
	    .mail = mail,
	    .on_barrier = on_barrier,
	    .on_escape = on_escape,
	    .on_regather = on_regather,
	    .on_resumed = on_resumed,
	    .on_news = on_news,
	};

	publisher = publisher_start(&ps, NULL);
	assert_non_null(publisher);
	publisher_signer(publisher, true);
}

static int setup_escape(void **state)
{
	escapes = regathers = 0;
	allowed = true;
	return setup_pass(state);
}

static void zone(char *list, const char *name)
{
	char path[64], file[64];

	snprintf(path, sizeof(path), "signed/%s", name);
	snprintf(file, sizeof(file), "%s.xml", name);
	sprintf(list + strlen(list),
	    "<Zone name=\"%s\"><SignerConfiguration>%s</SignerConfiguration>"
	    "<Adapters><Output><Adapter type=\"File\">%s</Adapter></Output>"
	    "</Adapters></Zone>",
	    name, at(file), at(path));
	put(file,
	    "<SignerConfiguration><Zone name=\"z\"><Signatures><Resign>PT1M"
	    "</Resign><Refresh>PT10M</Refresh><Validity><Default>PT20M"
	    "</Default></Validity></Signatures><Keys><TTL>PT1M</TTL></Keys>"
	    "<SOA><Serial>counter</Serial></SOA></Zone>"
	    "</SignerConfiguration>");
}

/* z0 is served with LEFT seconds, z1 with an hour; then there is no second
 * holder any more. */
static void served_with(int64_t left)
{
	char list[4096] = "<ZoneList>", version[128];

	zone(list, "z0");
	zone(list, "z1");
	strcat(list, "</ZoneList>");
	put("zones.xml", list);
	snprintf(version, sizeof(version),
	    "serial=12 earliest_expiry=%lld keys=13:1:aa",
	    (long long)(time(NULL) + left));
	put("signed/z0", version);
	snprintf(version, sizeof(version),
	    "serial=12 earliest_expiry=%lld keys=13:1:aa",
	    (long long)(time(NULL) + 3600));
	put("signed/z1", version);
	start_asking();
	until(row_of("z0").served_serial == 12 &&
	      row_of("z0").state == ZONE_SERVED &&
	      row_of("z1").state == ZONE_SERVED);
	world.answers = false;
}

static void sign_both(int serial, const char *keys)
{
	char version[128];

	snprintf(version, sizeof(version),
	    "serial=%d earliest_expiry=%lld keys=%s", serial,
	    (long long)(time(NULL) + 3600), keys);
	put("signed/z1", version);
	put("signed/z0", version);
}

static void for_a_second(void)
{
	struct deadline d = deadline_in_ms(1000);

	while (!deadline_passed(d))
		control();
}

static void what_is_urgent_goes_out(void **state)
{
	(void)state;
	served_with(200); /* of ten minutes */
	sign_both(13, "13:1:aa");
	until(row_of("z0").served_serial == 13);
	assert_true(zonepast_is_escaped(row_of("z0").past, 13));
	until(news.escaped == 1);
	assert_string_equal(news.escaped_zone, "z0");
	/* what has time waits for the barrier */
	for_a_second();
	assert_int_equal(row_of("z1").served_serial, 12);
	world.answers = true;
	publisher_barrier_done(publisher);
	until(row_of("z1").served_serial == 13);
	assert_false(zonepast_has(row_of("z1").past, "escaped "));
	/* a version that everybody has makes good for it */
	put("signed/z0", "serial=14 earliest_expiry=0 keys=13:1:aa");
	until(row_of("z0").served_serial == 14 && news.escaped == 0);
}

static void not_while_there_is_time(void **state)
{
	(void)state;
	served_with(400);
	sign_both(13, "13:1:aa");
	for_a_second();
	assert_int_equal(escapes + regathers, 0);
	assert_int_equal(row_of("z0").served_serial, 12);
}

static void not_with_other_keys(void **state)
{
	(void)state;
	served_with(200);
	sign_both(13, "13:1:aa 13:2:bb");
	for_a_second();
	assert_int_equal(escapes, 0);
	assert_true(regathers > 0); /* a later version may have them */
	assert_int_equal(row_of("z0").served_serial, 12);
	sign_both(14, "13:1:aa");
	until(row_of("z0").served_serial == 14);
	assert_true(escapes > 0);
}

static void not_without_the_control_thread(void **state)
{
	(void)state;
	served_with(200);
	allowed = false;
	sign_both(13, "13:1:aa");
	until(escapes > 1); /* it asks again */
	assert_int_equal(row_of("z0").served_serial, 12);
	assert_false(zonepast_has(row_of("z0").past, "escaped "));
	allowed = true;
	until(row_of("z0").served_serial == 13);
}

/* Each question costs a verifier for each zone of the batch. */
static void seldom_in_vain(void **state)
{
	(void)state;
	served_with(200);
	allowed = false;
	sign_both(13, "13:1:aa");
	until(escapes == 1);
	for_a_second();
	for_a_second();
	assert_in_range(escapes, 2, 6); /* 50 ms, doubled each time */
}

static void the_barrier_comes_meanwhile(void **state)
{
	(void)state;
	served_with(200);
	allowed = false;
	sign_both(13, "13:1:aa");
	until(escapes > 0);
	world.answers = true;
	until(row_of("z0").served_serial == 13 &&
	      row_of("z1").served_serial == 13);
	assert_false(zonepast_has(row_of("z0").past, "escaped "));
}

static void it_ends_while_it_waits(void **state)
{
	(void)state;
	served_with(400);
	sign_both(13, "13:1:aa");
	for_a_second();
	stop();
	assert_int_equal(row_of("z0").served_serial, 12);
}

#undef T
#define T(t) cmocka_unit_test_setup_teardown(t, setup_escape, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(what_is_urgent_goes_out),
	    T(not_while_there_is_time),
	    T(not_with_other_keys),
	    T(not_without_the_control_thread),
	    T(seldom_in_vain),
	    T(the_barrier_comes_meanwhile),
	    T(it_ends_while_it_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
