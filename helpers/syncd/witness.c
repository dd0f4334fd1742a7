/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "witness.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void witness_text(
    const struct record *r, const char *source, char *buf, size_t size)
{
	char cluster[ID_TEXT], term_id[ID_TEXT];

	id_text(&r->cluster, cluster);
	id_text(&r->term_id, term_id);
	snprintf(buf, size, "%" PRIu64 ".%" PRIu64 " %s %s %s", r->term,
	    r->revision, term_id, cluster, source);
}

int witness_parse(const char *text, struct witness *w)
{
	char term_id[ID_TEXT], cluster[ID_TEXT], again[WITNESS_TEXT];
	struct record r = {0};
	int n = 0;

	memset(w, 0, sizeof(*w));
	if (sscanf(text, "%" SCNu64 ".%" SCNu64 " %32s %32s %n", &r.term,
	        &r.revision, term_id, cluster, &n) != 4 ||
	    n == 0 || strlen(text + n) >= sizeof(w->source) ||
	    id_parse(term_id, &r.term_id) < 0 ||
	    id_parse(cluster, &r.cluster) < 0 || r.term == 0)
		return -EBADMSG;
	witness_text(&r, text + n, again, sizeof(again));
	if (strcmp(text, again) != 0)
		return -EBADMSG;
	w->cluster = r.cluster;
	w->term_id = r.term_id;
	w->revision = r.revision;
	snprintf(w->source, sizeof(w->source), "%s", text + n);
	w->term = r.term;
	return 0;
}

bool witness_newer(const struct witness *w, const struct record *r)
{
	struct record seen = {
	    .term = w->term, .term_id = w->term_id, .revision = w->revision};
	enum record_order order;

	if (w->term == 0)
		return false;
	if (r->term == 0 || !id_equal(&w->cluster, &r->cluster))
		return true;
	order = record_compare(&seen, r);
	return order == RECORD_NEWER || order == RECORD_FORK;
}
