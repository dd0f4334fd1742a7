/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "cluster.h"

/* The key of a term belongs to that term alone (AM25). */

static void a_key_per_term(void **state)
{
	uint8_t first[ENGINE_PSK_LEN];

	(void)state;
	memcpy(first, world.node[1].s.psk, sizeof(first));
	assert_memory_equal(first, world.node[0].s.psk, sizeof(first));
	fence(0);
	run_ms(500);
	promote(1, 20000);
	run_ms(1000);
	assert_promoted(1);
	assert_memory_not_equal(first, world.node[1].s.psk, sizeof(first));
}

static void the_key_of_another_term(void **state)
{
	struct syncd *s = &as(1)->s;
	struct why why;
	struct id other;

	(void)state;
	id_random(&other);
	assert_int_equal(terms_psk(s, &s->record.term_id, &why), 0);
	assert_int_equal(terms_psk(s, &other, &why), -ENOKEY);
	assert_non_null(strstr(why.text, "waiting for the key"));
}

/* A mint that is given up: its key was the newest, the record goes on. */
static void the_key_of_a_mint_given_up(void **state)
{
	struct syncd *s = &as(1)->s;
	struct control c = {.type = CONTROL_KEY};
	struct why why;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		id_random(&c.term_id);
		memset(c.psk, 'a' + i, sizeof(c.psk));
		terms_receive(s, member_by_nodeid(s, 1), &c);
		assert_int_equal(terms_psk(s, &c.term_id, &why), 0);
		assert_memory_equal(s->psk, c.psk, sizeof(c.psk));
	}
	assert_int_equal(terms_psk(s, &s->record.term_id, &why), 0);
	assert_memory_equal(s->psk, world.node[0].s.psk, sizeof(s->psk));
}

static void nobody_gives_a_source_a_key(void **state)
{
	struct syncd *s = &as(0)->s;
	struct control c = {.type = CONTROL_KEY};

	(void)state;
	terms_receive(s, member_by_nodeid(s, 2), &c);
	assert_true(id_equal(&s->psk_term, &s->record.term_id));
}

static void never_in_the_clear(void **state)
{
	(void)state;
	world.node[0].s.encrypted = false;
	as(0);
	terms_send_key(&world.node[0].s);
	assert_int_equal(world.node[1].items, 0);
	world.node[0].s.encrypted = true;
	terms_send_key(&world.node[0].s);
	assert_int_equal(world.node[1].items, 1);
}

/* Keys of an HSM in files go over no wire that Corosync does not encrypt, also
 * not by a key that came while it did, or by one from a file. */
static void tokens_want_encryption(void **state)
{
	struct syncd *s = &as(1)->s;
	struct why why;

	(void)state;
	snprintf(s->opt.tokens, sizeof(s->opt.tokens), "/tokens");
	assert_int_equal(terms_carries(s, &why), 0);
	assert_int_equal(terms_psk(s, &s->record.term_id, &why), 0);
	s->encrypted = false;
	assert_int_equal(terms_psk(s, &s->record.term_id, &why), -EPERM);
	assert_non_null(strstr(why.text, "crypto cipher=aes256"));
	/* nor does such a node begin a term */
	fence(0);
	run_ms(500);
	promote(1, 2000);
	run_ms(3000);
	assert_false(world.node[1].s.role == ROLE_SOURCE);
	s->opt.tokens[0] = '\0';
	assert_int_equal(terms_carries(s, &why), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_key_per_term, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        the_key_of_another_term, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        the_key_of_a_mint_given_up, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        nobody_gives_a_source_a_key, cluster2, end),
	    cmocka_unit_test_setup_teardown(never_in_the_clear, cluster2, end),
	    cmocka_unit_test_setup_teardown(
	        tokens_want_encryption, cluster2, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
