/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <libxml/parser.h>
#include <libxml/relaxng.h>

#include "agent.h"
#include "metadata.h"

static const char *const choices[] = {"one", "two", NULL};

/* clang-format off */
static const struct param params[] = {
	{.name = "a", .type = PARAM_PATH, .dflt = "/a", .unique_group = "a",
	 .shortdesc = "s", .longdesc = "<l> & \"q\""},
	{.name = "b", .type = PARAM_SELECT, .dflt = "one", .options = choices,
	 .reloadable = true, .shortdesc = "s", .longdesc = "l."},
	{.name = "c", .type = PARAM_INTEGER, .dflt = "3", .min = 1, .max = 9,
	 .unit = "s", .shortdesc = "s", .longdesc = "l."},
	{.name = "d", .type = PARAM_STRING, .dflt_says = "found <somewhere>",
	 .shortdesc = "s", .longdesc = "l."},
	{.name = NULL},
};
static const struct action actions[] = {
	{"start", 60, 0, NULL, false, NULL},
	{"monitor", 20, 10, "Promoted", false, NULL},
	{"monitor", 20, 11, "Unpromoted", false, NULL},
	{.name = NULL},
};
/* clang-format on */

static const struct agent agent = {
    .name = "x",
    .shortdesc = "an <agent>",
    .longdesc = "One.\n\nTwo & three.",
    .example = "",
    .params = params,
    .actions = actions,
};

static char *text;
static size_t len;

static int setup(void **state)
{
	FILE *f = open_memstream(&text, &len);
	bool ok = f && metadata_print(&agent, f);

	(void)state;
	return ok && fclose(f) == 0 ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	free(text);
	return 0;
}

static void conforms_to_ocf_1_1(void **state)
{
	xmlRelaxNGParserCtxtPtr parser =
	    xmlRelaxNGNewParserCtxt(TEST_DATA "/ocf-ra-api-1.1.rng");
	xmlRelaxNGPtr schema = xmlRelaxNGParse(parser);
	xmlRelaxNGValidCtxtPtr valid = xmlRelaxNGNewValidCtxt(schema);
	xmlDocPtr doc = xmlReadMemory(text, (int)len, NULL, NULL, 0);

	(void)state;
	assert_non_null(schema);
	assert_non_null(doc);
	assert_int_equal(xmlRelaxNGValidateDoc(valid, doc), 0);
	xmlFreeDoc(doc);
	xmlRelaxNGFreeValidCtxt(valid);
	xmlRelaxNGFree(schema);
	xmlRelaxNGFreeParserCtxt(parser);
	xmlCleanupParser();
}

static void assert_says(const char *what)
{
	if (!strstr(text, what))
		fail_msg("%s is not in %s", what, text);
}

/* pcs 0.11 shows the longdesc alone. */
static void longdesc_holds_default_range_and_choices(void **state)
{
	(void)state;
	assert_says("Range: 1 to 9 s. Default: 3.</longdesc>");
	assert_says("One of: one, two. Default: one.</longdesc>");
	assert_says("Default: found &lt;somewhere&gt;.</longdesc>");
	assert_says("&lt;l&gt; &amp; &quot;q&quot; Default: /a.");
}

static void attributes(void **state)
{
	(void)state;
	assert_says("<parameter name=\"a\" unique-group=\"a\">");
	assert_says("<parameter name=\"b\" reloadable=\"1\">");
	assert_says("<option value=\"two\"/>");
	assert_says("role=\"Promoted\"");
	assert_says("interval=\"11s\"");
	assert_says("<action name=\"meta-data\"");
	assert_says("<action name=\"validate-all\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(conforms_to_ocf_1_1),
	    cmocka_unit_test(longdesc_holds_default_range_and_choices),
	    cmocka_unit_test(attributes),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
