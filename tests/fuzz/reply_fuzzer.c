/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* What other programs print, as the agents and ods-cluster read it: the
 * daemon's status, ods-conf, ods-hsm-probe, Pacemaker's tools. */
#include "confclient.h"
#include "crmtool.h"
#include "fuzz.h"
#include "hsmreport.h"
#include "jsonout.h"
#include "table.h"
#include "view.h"

/* What is shown holds no control character but the newline. */
static void shown(
    void (*print)(const struct view *view, const struct headline *h, FILE *out),
    const struct view *v, const struct headline *h)
{
	char *text = NULL;
	size_t i, size = 0;
	FILE *out = open_memstream(&text, &size);

	must(out);
	print(v, h, out);
	fclose(out);
	for (i = 0; i < size; i++)
		must((unsigned char)text[i] >= ' ' || text[i] == '\n');
	free(text);
}

static void fuzz_status(const char *text)
{
	static struct view v;
	struct headline h;

	memset(&v, 0, sizeof(v));
	if (view_from_reply(text, &v) < 0)
		return;
	must(v.nodes >= 0 && v.nodes <= VIEW_NODES_MAX);
	view_judge(&v, &h);
	must(view_code_word(h.code) != NULL);
	shown(json_print, &v, &h);
	shown(table_print, &v, &h);
}

static void fuzz_hsm(const char *text)
{
	struct hsmreport report;

	hsmreport_parse(text, &report);
	must(report.repositories >= 0);
	must(report.repositories > 0 || report.verdict == HSM_NO_ANSWER);
	must(hsm_verdict_name(report.verdict) != NULL);
}

static void fuzz_crm(const char *text)
{
	struct crmtool_fencing f;
	char value[64];
	bool yes;

	crmtool_parse_query(text, NULL, value, sizeof(value));
	crmtool_parse_query(text, "node-a", value, sizeof(value));
	crmtool_parse_bool(text, &yes);
	if (crmtool_parse_history(text, "node-a", &f) == 0)
		must(f.successes.count > 0 || !f.completed[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct confclient c;
	char *text = fuzz_text(data, len);

	fuzz_status(text);
	fuzz_hsm(text);
	fuzz_crm(text);
	confclient_parse(&c, text, "enforcer", NULL);
	free(text);
	return 0;
}
