/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "publishing.h"

#include "candidate.h"

/* A publisher at work on two zones whose output files have one base name:
 * outside signed/ nothing else tells them apart. */

static const char *file_of(const char *zone)
{
	return zone[0] == 'a' ? "x/zone" : "y/zone";
}

static void zones_are(const char *const *zone)
{
	char text[4096] = "<ZoneList>";
	size_t n = strlen(text);

	for (; *zone; zone++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, ZONE, *zone,
		    at(file_of(*zone)));
	snprintf(text + n, sizeof(text) - n, "</ZoneList>");
	put("zones.xml", text);
}

/* Its file is what the world has of it. */
static void served(const char *zone)
{
	struct zone_row row = {
	    .serial = 12, .state = ZONE_SERVED, .served_serial = 12, .ever = 1};
	int fd = open(at(file_of(zone)), O_RDONLY);

	snprintf(row.zone, sizeof(row.zone), "%s", zone);
	assert_int_equal(candidate_digest(fd, row.digest), 0);
	close(fd);
	memcpy(row.served_digest, row.digest, sizeof(row.digest));
	assert_int_equal(ledger_zone_put(ledger, &row, NULL), 0);
}

static void next_news(void)
{
	struct deadline limit = deadline_in_ms(WAIT_MS);
	int before = told;

	while (told == before && !deadline_passed(limit))
		turn();
	assert_true(told > before);
}

static void two_zones(const char *served_one)
{
	static const char *const both[] = {"a.example", "b.example", NULL};

	put("x/zone", "of a");
	put("y/zone", "of b");
	put("published/zone", "what is served");
	zones_are(both);
	served(served_one);
	start();
	do
		next_news();
	while (news.served + news.refused < 2);
	assert_int_equal(news.zones, 2);
	assert_int_equal(news.colliding, 1);
	assert_non_null(strstr(news.collision,
	    "zones a.example and b.example have one file in published/: "));
}

static void assert_held(void)
{
	assert_int_equal(news.refused, 1);
	assert_int_equal(news.served, 1);
	assert_string_equal(news.trouble, news.collision);
}

static void file_stays_with_the_first(void **state)
{
	(void)state;
	two_zones("a.example");
	assert_held();
}

static void file_stays_with_the_one_that_is_served(void **state)
{
	(void)state;
	two_zones("b.example");
	assert_held();
}

static void lifted_when_the_other_one_is_gone(void **state)
{
	static const char *const one[] = {"b.example", NULL};
	struct deadline limit = deadline_in_ms(WAIT_MS);

	(void)state;
	two_zones("a.example");
	zones_are(one);
	publisher_wake(publisher);
	while (news.zones != 1 && !deadline_passed(limit))
		next_news();
	assert_int_equal(news.colliding, 0);
	assert_string_equal(news.collision, "");
	/* It is on its way: what is said is of the file, if anything. */
	assert_null(strstr(news.trouble, "a.example"));
}

/* A retry that is due waits for the signer too. */
static void shut_gate_does_not_spin(void **state)
{
	static const char *const one[] = {"a.example", NULL};

	(void)state;
	put("x/zone", "no zone");
	zones_are(one);
	start();
	next_news();
	publisher_signer(publisher, false);
	usleep(1500000); /* longer than any retry */
	mailbox_run(mail);
	told = 0;
	usleep(300000);
	mailbox_run(mail);
	assert_in_range(told, 0, 2);
}

static void wait_for(const int *what)
{
	struct deadline limit = deadline_in_ms(WAIT_MS);

	while (!*what && !deadline_passed(limit))
		turn();
	assert_int_equal(*what, 1);
}

/* Intent and file of an earlier term. */
static void on_its_way(const char *zone)
{
	struct zone_row row = {.serial = 13, .state = ZONE_INTENT, .ever = 1};
	int fd;

	put("pending/zone", "on its way");
	fd = open(at("pending/zone"), O_RDONLY);
	snprintf(row.zone, sizeof(row.zone), "%s", zone);
	assert_int_equal(candidate_digest(fd, row.digest), 0);
	close(fd);
	assert_int_equal(ledger_zone_put(ledger, &row, NULL), 0);
}

static void resumed_when_it_is_installed(void **state)
{
	static const char *const one[] = {"a.example", NULL};
	struct zone_row row;

	(void)state;
	zones_are(one);
	on_its_way("a.example");
	start();
	wait_for(&asked);
	usleep(100000);
	mailbox_run(mail);
	assert_int_equal(resumed, 0);
	publisher_barrier_done(publisher);
	wait_for(&resumed);
	assert_int_equal(access(at("published/zone"), F_OK), 0);
	assert_int_equal(ledger_zone_get(ledger, "a.example", &row, NULL), 0);
	assert_int_equal(row.state, ZONE_SERVED);
}

static void resumed_where_nothing_is_left(void **state)
{
	static const char *const one[] = {"a.example", NULL};

	(void)state;
	zones_are(one);
	start();
	wait_for(&resumed);
	assert_int_equal(asked, 0);
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(file_stays_with_the_first),
	    T(file_stays_with_the_one_that_is_served),
	    T(resumed_when_it_is_installed),
	    T(resumed_where_nothing_is_left),
	    T(shut_gate_does_not_spin),
	    T(lifted_when_the_other_one_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
