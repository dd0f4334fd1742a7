/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#define KEYWATCH_PACE
#define TURN_MS 1
#define SETTLE_MS 0
#define STANDBY_MS 0
#define LIST_SOURCE_MS 0
#define LIST_STANDBY_MS 0
#define RELOOK_MS relook_ms
#define RETRY_MS 0
#define PROBE_MS 1000
#define PROVE_MS 1000
static int64_t relook_ms = 600000;
#include "keywatch.c"

#define X16 "1111111111111111"
#define ONE X16 X16 X16 X16
#define Y16 "2222222222222222"
#define TWO Y16 Y16 Y16 Y16
#define TOKEN "token R 1234\n"
#define OK "repository=R verdict=ok detail=- ms=1\n"

/* ---- the rest of the system --------------------------------------------- */

static char dir[64];
static struct conf conf;
static struct keywatch *w;
static struct keynews news;
static int told, recorded, looks, proofs, lists, lacks;
static struct keylack lack;
static const char *database, *token, *proof, *attr;
static bool role_changes; /* while the probe runs */

void mailbox_post(struct mailbox *mb, mail_fn fn, void *arg)
{
	(void)mb;
	fn(NULL, arg);
}

static void on_news(void *owner, void *arg)
{
	(void)owner;
	told++;
	news = *(struct keynews *)arg;
	free(arg);
}

static void on_lack(void *owner, void *arg)
{
	(void)owner;
	lacks++;
	keylack_free(&lack);
	lack = *(struct keylack *)arg;
	free(arg);
}

static void on_record(void *owner, void *arg)
{
	(void)owner, (void)arg;
	recorded++;
}

void hsmagent_read(struct hsmagent *agent, const char *path)
{
	(void)path;
	*agent = (struct hsmagent){.capacity_warn = 90};
	snprintf(agent->attr, sizeof(agent->attr), "%s", attr);
}

int kasp_keys(const char *db, struct keyset *keys, struct keynews *n,
    const volatile bool *cancel, struct why *why)
{
	(void)db, (void)cancel;
	lists++;
	if (!database)
		return why_set(why, -EIO, "locked");
	n->unbacked_known = true;
	return keyset_parse(keys, database);
}

int keyprobe_run(
    const struct keyprobe *probe, struct keyview *view, struct why *why)
{
	const char *text = probe->prove ? proof : token, *end;

	if (role_changes)
		keywatch_role(w, KEYWATCH_AT_REST);
	if (probe->prove)
		proofs++;
	else
		looks++;
	assert_true(deadline_left_ms(probe->deadline) <= 1000);
	assert_ptr_equal(probe->cancel, &w->cancel);
	if (view->count == 0)
		return 0;
	if (!text)
		return why_set(why, -ETIMEDOUT, "ods-hsm-probe was ended");
	for (; (end = strchr(text, '\n')); text = end + 1)
		keyview_line(view, text);
	return 0;
}

static void restart(enum keywatch_role role)
{
	if (w) {
		ledger_close(w->ledger);
		keyset_free(&w->listed);
		keyset_free(&w->seen);
		keyview_free(&w->view);
		keylack_free(&w->lack);
		free(w);
	}
	w = calloc(1, sizeof(*w));
	w->setup = (struct keywatch_setup){.conf = &conf,
	    .state_dir = dir,
	    .on_news = on_news,
	    .on_lack = on_lack,
	    .on_record = on_record};
	assert_int_equal(ledger_open(dir, &w->ledger, NULL), 0);
	if (twin_recall(w, &w->news))
		post(w);
	keywatch_role(w, role);
}

static int setup(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/ods-keywatch.XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(conf.database, sizeof(conf.database), "%s/kasp.db", dir);
	snprintf(conf.path, sizeof(conf.path), "%s/conf.xml", dir);
	told = recorded = looks = proofs = lists = lacks = 0;
	database = token = proof = NULL;
	attr = "ok";
	role_changes = false;
	relook_ms = 600000;
	memset(&news, 0, sizeof(news));
	return 0;
}

static int teardown(void **state)
{
	char path[128];

	(void)state;
	keywatch_role(w, KEYWATCH_AT_REST);
	restart(KEYWATCH_AT_REST);
	ledger_close(w->ledger);
	free(w);
	keylack_free(&lack);
	w = NULL;
	unlink(conf.database);
	snprintf(path, sizeof(path), "%s/ledger.db", dir);
	unlink(path);
	return rmdir(dir);
}

/* What is on record, "" when there is none. */
static int see(const struct keyrecord *key, void *arg)
{
	char line[KEYRECORD_LINE_MAX];

	keyrecord_encode(key, line, sizeof(line));
	strcat(strcat(arg, line), "\n");
	return 0;
}

static void expect_record(const char *want)
{
	char text[1024] = "";

	assert_int_equal(ledger_key_each(w->ledger, see, text, NULL), 0);
	assert_string_equal(text, want);
}

static void have_record(const char *line)
{
	struct keyrecord key;

	assert_int_equal(keyrecord_decode(line, &key), 0);
	assert_int_equal(ledger_key_put(w->ledger, &key, NULL), 0);
}

static void turns(int count)
{
	while (count-- > 0)
		turn(w);
}

static void database_changes(const char *list)
{
	FILE *file = fopen(conf.database, "a");

	database = list;
	assert_non_null(file);
	fputs("x", file);
	fclose(file);
}

/* ---- tests --------------------------------------------------------------- */

static void a_source_records_what_its_token_has(void **state)
{
	(void)state;
	restart(KEYWATCH_SOURCE);
	database_changes("R 0a 13 - inuse\nR 0b 13 - pool\n");
	token = TOKEN "key R 0a present " ONE "\nkey R 0b missing -\n" OK;
	turns(1);
	expect_record("R 0a 13 " ONE " inuse\nR 0b 13 - pool\n");
	assert_int_equal(recorded, 1);
	assert_int_equal(news.in_use[KEYTRUTH_OK], 1);
	assert_true(news.looked_s > 0);
	assert_true(news.unbacked_known);
	/* Nothing changes: neither database nor token is touched. */
	turns(5);
	assert_int_equal(looks, 1);
	assert_int_equal(lists, 1);
	assert_int_equal(recorded, 1);
	assert_int_equal(proofs, 0); /* the signer signs */
	database_changes("R 0b 13 - inuse\n");
	token = TOKEN "key R 0b present " TWO "\n" OK;
	turns(2);
	expect_record("R 0b 13 " TWO " inuse\n");
	assert_int_equal(looks, 2);
}

static void a_record_is_not_overwritten(void **state)
{
	(void)state;
	restart(KEYWATCH_SOURCE);
	have_record("R 0a 13 " ONE " inuse");
	database_changes("R 0a 13 - inuse\n");
	token = TOKEN "key R 0a present " TWO "\n" OK;
	turns(1);
	expect_record("R 0a 13 " ONE " inuse\n");
	assert_int_equal(recorded, 0);
	assert_int_equal(news.level, KEYNEWS_REFUSE);
}

static void a_source_without_its_database(void **state)
{
	(void)state;
	restart(KEYWATCH_SOURCE);
	have_record("R 0a 13 " ONE " inuse");
	turns(1); /* no such file */
	expect_record("R 0a 13 " ONE " inuse\n");
	database_changes(NULL); /* it cannot be read */
	turns(1);
	assert_true(lists > 0);
	expect_record("R 0a 13 " ONE " inuse\n");
}

static void a_source_with_a_hung_token(void **state)
{
	(void)state;
	restart(KEYWATCH_SOURCE);
	have_record("R 0b 13 " ONE " inuse");
	database_changes("R 0a 13 - inuse\nR 0b 13 - inuse\n");
	turns(1);
	expect_record("R 0a 13 - inuse\nR 0b 13 " ONE " inuse\n");
	assert_string_equal(news.trouble, "ods-hsm-probe was ended");
	assert_int_equal(news.looked_s, 0);
	token = TOKEN "key R 0a present " TWO "\nkey R 0b present " ONE "\n" OK;
	turns(1);
	expect_record("R 0a 13 " TWO " inuse\nR 0b 13 " ONE " inuse\n");
	assert_string_equal(news.trouble, "");
}

static void nothing_is_written_in_another_role(void **state)
{
	(void)state;
	restart(KEYWATCH_SOURCE);
	database_changes("R 0a 13 - inuse\n");
	token = TOKEN "key R 0a present " ONE "\n" OK;
	role_changes = true;
	turns(3);
	expect_record("");
	assert_int_equal(looks, 1);
	assert_int_equal(told, 0);
}

static void a_standby_proves_each_key_once(void **state)
{
	(void)state;
	restart(KEYWATCH_STANDBY);
	have_record("R 0a 13 " ONE " inuse");
	have_record("R 0b 13 " ONE " pool");
	token = TOKEN "key R 0a present " ONE "\nkey R 0b present " ONE "\n" OK;
	proof = "proof R 0a proven 3\n";
	relook_ms = 0;
	turns(3);
	assert_int_equal(looks, 3);
	assert_int_equal(proofs, 1);
	assert_int_equal(lists, 0); /* kasp.db is locked here */
	assert_int_equal(news.level, KEYNEWS_OK);
	/* Nor does the next worker; a token of another number does. */
	restart(KEYWATCH_STANDBY);
	turns(1);
	assert_int_equal(proofs, 1);
	assert_int_equal(news.level, KEYNEWS_OK);
	token = "token R 99\nkey R 0a present " ONE "\nkey R 0b present " ONE
	        "\n" OK;
	turns(1);
	assert_int_equal(proofs, 2);
}

static void a_failed_proof_is_tried_again(void **state)
{
	(void)state;
	restart(KEYWATCH_STANDBY);
	have_record("R 0a 13 " ONE " inuse");
	token = TOKEN "key R 0a present " ONE "\n" OK;
	proof = "proof R 0a failed - CKR_GENERAL_ERROR\n";
	relook_ms = 0;
	turns(1);
	assert_int_equal(news.level, KEYNEWS_WARN);
	/* The next look does not say less until it knows more. */
	proof = NULL;
	turns(1);
	assert_int_equal(proofs, 2);
	assert_int_equal(news.level, KEYNEWS_WARN);
	proof = "proof R 0a proven 3\n";
	turns(1);
	assert_int_equal(news.level, KEYNEWS_OK);
}

static void no_flapping(void **state)
{
	int64_t looked;

	(void)state;
	restart(KEYWATCH_STANDBY);
	have_record("R 0a 13 " ONE " inuse");
	token = TOKEN "key R 0a missing -\n" OK;
	relook_ms = 0;
	turns(1);
	assert_int_equal(news.level, KEYNEWS_WARN);
	looked = news.looked_s;
	token = "repository=R verdict=hung detail=C_Login ms=9\n";
	turns(2);
	assert_int_equal(news.level, KEYNEWS_WARN);
	assert_int_equal(news.in_use[KEYTRUTH_MISSING], 1);
	assert_int_equal(news.looked_s, looked);
	assert_string_equal(news.trouble, "repository R: hung");
}

static void a_token_may_have_changed(void **state)
{
	(void)state;
	restart(KEYWATCH_STANDBY);
	have_record("R 0a 13 " ONE " inuse");
	token = TOKEN "key R 0a present " ONE "\n" OK;
	proof = "proof R 0a proven 3\n";
	turns(2);
	assert_int_equal(looks, 1);
	attr = "lost";
	turns(2);
	assert_int_equal(looks, 2);
	have_record("R 0c 13 " ONE " pool");
	token = TOKEN "key R 0a present " ONE "\nkey R 0c present " ONE "\n" OK;
	turns(2);
	assert_int_equal(looks, 3);
}

/* Evidence is not forgotten because the HSM does not answer. */
static void a_twin_outlives_the_worker(void **state)
{
	(void)state;
	restart(KEYWATCH_STANDBY);
	have_record("R 0a 13 " ONE " inuse");
	token = TOKEN "key R 0a present " TWO "\n" OK;
	turns(1);
	assert_int_equal(news.level, KEYNEWS_REFUSE);
	memset(&news, 0, sizeof(news));
	restart(KEYWATCH_STANDBY);
	assert_int_equal(news.level, KEYNEWS_REFUSE);
	assert_string_equal(news.worst.locator, "0a");
	token = NULL;
	turns(2);
	assert_int_equal(news.level, KEYNEWS_REFUSE);
	assert_non_null(strstr(news.sentence, "another key here"));
	relook_ms = 0;
	/* There is a public key, and nothing of the private one yet. */
	token = TOKEN "key R 0a present " ONE "\n" OK;
	turns(1);
	assert_int_equal(news.level, KEYNEWS_REFUSE);
	proof = "proof R 0a proven 3\n";
	turns(1);
	turns(1);
	assert_int_equal(proofs, 2);
	assert_int_equal(news.level, KEYNEWS_OK);
	restart(KEYWATCH_STANDBY);
	turns(1);
	assert_int_equal(news.level, KEYNEWS_OK);
}

static void a_twin_that_is_used_no_more(void **state)
{
	struct keyrecord key;

	(void)state;
	restart(KEYWATCH_STANDBY);
	have_record("R 0a 13 " ONE " inuse");
	token = TOKEN "key R 0a twin - halves-differ\n" OK;
	turns(1);
	assert_int_equal(news.level, KEYNEWS_REFUSE);
	assert_true(news.two_keys);
	restart(KEYWATCH_STANDBY);
	assert_true(news.two_keys);
	keyrecord_decode("R 0a 13", &key);
	ledger_key_drop(w->ledger, &key, NULL);
	turns(1);
	assert_int_equal(news.level, KEYNEWS_NONE);
}

/* Told when it changes; looked at again soon, and not only when something else
 * has changed: nobody tells of a key that was brought back. */
static void keys_that_are_lacking(void **state)
{
	(void)state;
	restart(KEYWATCH_SOURCE);
	have_record("R 0b 13 " ONE " inuse");
	database_changes("R 0a 13 - inuse\nR 0b 13 - inuse\n");
	token = TOKEN "key R 0a present " TWO "\nkey R 0b present " ONE "\n" OK;
	turns(2);
	assert_int_equal(lacks, 0);
	assert_int_equal(looks, 1);
	attr = "lost";
	token = TOKEN "key R 0a missing -\nkey R 0b present " ONE "\n" OK;
	turns(3);
	assert_int_equal(looks, 4);
	assert_int_equal(lacks, 1);
	assert_int_equal(lack.count, 1);
	assert_string_equal(lack.key[0].locator, "0a");
	assert_non_null(strstr(lack.key[0].text, "bring back the token"));
	/* What the token does not say is as it was. */
	token = "repository=R verdict=hung detail=C_Login ms=9\n";
	turns(2);
	assert_int_equal(lacks, 1);
	token = TOKEN "key R 0a present " TWO "\nkey R 0b present " ONE "\n" OK;
	turns(1);
	assert_int_equal(lacks, 2);
	assert_int_equal(lack.count, 0);
}

/* A standby tells when it takes over: as of then, since what was signed before
 * was signed elsewhere. */
static void a_successor_that_lacks_a_key(void **state)
{
	int64_t now = time(NULL);

	(void)state;
	restart(KEYWATCH_STANDBY);
	have_record("R 0a 13 " ONE " inuse");
	token = TOKEN "key R 0a missing -\n" OK;
	turns(1);
	assert_int_equal(lacks, 0);
	w->lack.key[0].since = 5;
	turns(1);
	keywatch_role(w, KEYWATCH_SOURCE);
	database_changes("R 0a 13 - inuse\n");
	turns(1);
	assert_int_equal(lacks, 1);
	assert_int_equal(lack.count, 1);
	assert_in_range(lack.key[0].since, now, now + 60);
	turns(2);
	assert_int_equal(lacks, 1);
}

#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    T(a_source_records_what_its_token_has),
	    T(a_record_is_not_overwritten),
	    T(a_source_without_its_database),
	    T(a_source_with_a_hung_token),
	    T(nothing_is_written_in_another_role),
	    T(a_standby_proves_each_key_once),
	    T(a_failed_proof_is_tried_again),
	    T(no_flapping),
	    T(a_token_may_have_changed),
	    T(a_twin_outlives_the_worker),
	    T(a_twin_that_is_used_no_more),
	    T(keys_that_are_lacking),
	    T(a_successor_that_lacks_a_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
