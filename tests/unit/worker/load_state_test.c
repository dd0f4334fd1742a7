/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "../kaspchild/kasplab.h"

#include "worker.c"

/* What a new worker takes itself for. */

static char dir[64];
static struct syncd syncd;

static const char *at(const char *name)
{
	static char path[2][PATH_MAX];
	static int turn;
	char *p = path[turn++ % 2];

	snprintf(p, PATH_MAX, "%s/%s", dir, name);
	return p;
}

static int setup(void **state)
{
	(void)state;
	kasp_program();
	snprintf(dir, sizeof(dir), "/tmp/ods-load.XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	static const char *const names[] = {
	    "kasp.db", "ledger.db", "ledger.db-wal", "ledger.db-shm", ""};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		remove(at(names[i]));
	return 0;
}

static struct syncd *load(void)
{
	struct syncd *s = &syncd;
	struct why why = {0};

	memset(s, 0, sizeof(*s));
	snprintf(s->opt.state_dir, sizeof(s->opt.state_dir), "%s", dir);
	snprintf(
	    s->conf.database, sizeof(s->conf.database), "%s", at("kasp.db"));
	if (load_state(s, &why) < 0)
		fail_msg("%s", why.text);
	return s;
}

static void lose_ledger(struct syncd *s)
{
	ledger_close(s->ledger);
	assert_int_equal(unlink(at("ledger.db")), 0);
	unlink(at("ledger.db-wal"));
	unlink(at("ledger.db-shm"));
}

/* B7: without its ledger a node is another one.  It is empty when there is no
 * zone and no key, else of no known history; never what it was. */
static void ledger_lost(void **state)
{
	struct record r = {.term = 4, .revision = 2, .open = true};
	struct syncd *s;
	struct id id;

	(void)state;
	kasp_sql(at("kasp.db"),
	    "CREATE TABLE zone(name TEXT); CREATE TABLE keyData(k TEXT); "
	    "CREATE TABLE hsmKey(k TEXT)");
	s = load();
	assert_int_equal(s->state, STATE_EMPTY);
	id = s->self;
	assert_int_equal(ledger_record_put(s->ledger, &r, NULL), 0);
	assert_int_equal(
	    ledger_note_put(s->ledger, "state", "ledger", NULL), 0);
	ledger_close(s->ledger);
	s = load();
	assert_int_equal(s->state, STATE_LEDGER);
	assert_true(id_equal(&s->self, &id));
	assert_int_equal(s->record.term, 4);
	lose_ledger(s);
	s = load();
	assert_int_equal(s->state, STATE_EMPTY);
	assert_false(id_equal(&s->self, &id));
	assert_int_equal(s->record.term, 0);
	id = s->self;
	kasp_sql(at("kasp.db"), "INSERT INTO hsmKey VALUES('a')");
	lose_ledger(s);
	s = load();
	assert_int_equal(s->state, STATE_UNKNOWN);
	assert_false(id_equal(&s->self, &id));
	kasp_sql(at("kasp.db"), "DROP TABLE zone");
	lose_ledger(s);
	s = load();
	assert_int_equal(s->state, STATE_UNKNOWN);
	ledger_close(s->ledger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(ledger_lost, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
