/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* Texts that lie in ledger.db: the record, a position, a zone's row; read by
 * the daemon and by ods-cluster. */
#include "fuzz.h"
#include "ledger.h"
#include "ledgerview.h"

static void fuzz_record(const char *text)
{
	char first[RECORD_TEXT], second[RECORD_TEXT];
	static struct view v;
	struct record r;

	if (record_parse(text, &r) < 0)
		return;
	must(r.holders.count >= 0 && r.holders.count <= NODES_MAX);
	record_text(&r, first);
	must(record_parse(first, &r) == 0);
	record_text(&r, second);
	must(strcmp(first, second) == 0);
	memset(&v, 0, sizeof(v));
	must(ledgerview_record(first, &v) == 0);
	must(v.term == r.term && v.revision == r.revision);
	must(v.open == r.open && v.holders == r.holders.count);
}

static void fuzz_position(const char *text)
{
	char first[POSITION_TEXT], second[POSITION_TEXT];
	struct position p;

	if (position_parse(text, &p) < 0)
		return;
	position_text(&p, first);
	must(position_parse(first, &p) == 0);
	position_text(&p, second);
	must(strcmp(first, second) == 0);
}

/* There is one text for each. */
static void fuzz_origin(const char *text)
{
	char again[ORIGIN_TEXT];
	struct origin o;

	if (origin_parse(text, &o) < 0)
		return;
	origin_text(&o, again);
	must(strcmp(text, again) == 0);
}

static void fuzz_row(const char *text)
{
	char first[ROW_TEXT_MAX], second[ROW_TEXT_MAX];
	struct zone_row row;

	if (zone_row_parse("example.org", text, &row) < 0)
		return;
	must(row.state == ZONE_INTENT || row.state == ZONE_SERVED);
	must(zone_row_text(&row, first, sizeof(first)) == 0);
	must(zone_row_parse("example.org", first, &row) == 0);
	must(zone_row_text(&row, second, sizeof(second)) == 0);
	must(strcmp(first, second) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct view v;
	char *text = fuzz_text(data, len);
	struct zone_row row;

	fuzz_record(text);
	fuzz_position(text);
	fuzz_origin(text);
	fuzz_row(text);
	ledgerview_record(text, &v);
	zone_row_parse(text, "1 7 - 1 7 - - 1", &row); /* the name, too */
	free(text);
	return 0;
}
