/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "collision.h"

#define ZONES 8
#define B COLLISION_BACKUP2
#define P COLLISION_PUBLISHED

struct want {
	enum collision_kind kind;
	size_t a, b;
};

struct found {
	size_t count;
	struct collision c[ZONES];
};

static void note(const struct collision *c, void *arg)
{
	struct found *f = arg;

	assert_true(f->count < ZONES);
	f->c[f->count++] = *c;
}

static void pairs(void **state)
{
	static const struct {
		const char *zone[ZONES][2]; /* name, output; sorted by name */
		struct want want[ZONES];
		size_t count;
	} table[] = {
	    {{{"a.example", "/s/a.example"}, {"b.example", "/s/b.example"}},
	        {{0}}, 0},
	    /* the signer's backup2 alone */
	    {{{"0-25.arpa", "/s/0-25.arpa"}, {"0/25.arpa", "/s/0/25.arpa"}},
	        {{B, 0, 1}}, 1},
	    {{{"0-25.arpa", ""}, {"0/25.arpa", ""}}, {{B, 0, 1}}, 1},
	    {{{"0-2-5.arpa", ""}, {"0-2/5.arpa", ""}, {"0/2-5.arpa", ""}},
	        {{B, 0, 1}, {B, 0, 2}}, 2},
	    /* outside signed/ the last component counts */
	    {{{"a", "/x/zone"}, {"b", "/y/zone"}}, {{P, 0, 1}}, 1},
	    {{{"a", "/x/zone"}, {"b", "/s/zone"}}, {{P, 0, 1}}, 1},
	    {{{"a", "/x/zone"}, {"b", "/s/y/zone"}}, {{0}}, 0},
	    /* a file and a directory of one name */
	    {{{"a", "/x/0"}, {"b", "/s/0-5"}, {"c", "/s/0/1"}, {"d", "/s/0/2"}},
	        {{P, 0, 2}, {P, 0, 3}}, 2},
	    {{{"a", "/s/0/1"}, {"b", "/x/0"}, {"c", "/s/0.a"}}, {{P, 1, 0}}, 1},
	    {{{"a", "/s/n"}, {"b", "/s/no"}, {"c", "/s/n.o"}}, {{0}}, 0},
	    /* DNS adapters have no file */
	    {{{"a", ""}, {"b", ""}}, {{0}}, 0},
	};
	struct conf conf = {.signed_dir = "/s"};
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		static struct zone_entry zone[ZONES];
		struct zone_list list = {.zone = zone};
		struct found f = {0};

		for (j = 0; table[i].zone[j][0]; j++) {
			snprintf(zone[j].name, sizeof(zone[j].name), "%s",
			    table[i].zone[j][0]);
			zone[j].output = table[i].zone[j][1];
		}
		list.count = j;
		assert_int_equal(collisions_find(&conf, &list, note, &f), 0);
		if (f.count != table[i].count)
			fail_msg("row %zu: %zu", i, f.count);
		for (j = 0; j < f.count; j++) {
			assert_int_equal(f.c[j].kind, table[i].want[j].kind);
			assert_int_equal(f.c[j].a, table[i].want[j].a);
			assert_int_equal(f.c[j].b, table[i].want[j].b);
		}
	}
}

/* Names of any length leave room for what to type. */
static void sentence(void **state)
{
	static struct zone_entry zone[2];
	struct zone_list list = {2, zone};
	struct collision c = {B, 0, 1};
	char text[WHY_MAX];

	(void)state;
	snprintf(zone[0].name, sizeof(zone[0].name), "0-25.arpa");
	snprintf(zone[1].name, sizeof(zone[1].name), "0/25.arpa");
	collision_text(&c, &list, text, sizeof(text));
	assert_string_equal(text,
	    "zones 0-25.arpa and 0/25.arpa have one backup2 of the signer: "
	    "remove one of them, type ods-enforcer zone delete --zone ZONE");
	c.kind = P;
	memset(zone[0].name, 'a', 255);
	memset(zone[1].name, 'b', 255);
	collision_text(&c, &list, text, sizeof(text));
	assert_non_null(strstr(text,
	    "b have one file in published/: remove one of them, type "
	    "ods-enforcer zone delete --zone ZONE"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pairs),
	    cmocka_unit_test(sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
