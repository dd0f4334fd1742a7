/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "table.h"

#include <inttypes.h>
#include <string.h>

#include "utctime.h"

#define COLUMNS 6
#define CELL_MAX (WHY_MAX + 16)

struct row {
	char cell[COLUMNS][CELL_MAX];
};

static const struct row titles = {
    {"Node", "Role", "Position", "Behind", "HSM", "Can take over"},
};

static void lag_text(const struct view_node *n, char *buf, size_t size)
{
	if (!n->present || strcmp(n->role, "source") == 0)
		buf[0] = '\0';
	else if (n->lag_ms < 0)
		snprintf(buf, size, "?");
	else
		snprintf(buf, size, "%" PRId64 ".%" PRId64 " s",
		    n->lag_ms / 1000, n->lag_ms % 1000 / 100);
}

static void promotable_text(const struct view_node *n, char *buf, size_t size)
{
	const char *word = n->promotable == VIEW_NO    ? "no"
	                   : n->promotable == VIEW_YES ? "yes"
	                                               : "?";

	if (strcmp(n->role, "source") == 0)
		snprintf(buf, size, "signs now");
	else if (!n->present)
		snprintf(buf, size, "no: it is not here");
	else if (n->promotable != VIEW_YES && n->why[0])
		snprintf(buf, size, "%s: %s", word, n->why);
	else
		snprintf(buf, size, "%s", word);
}

static void make_row(const struct view_node *n, struct row *r)
{
	snprintf(r->cell[0], CELL_MAX, "%s%s", n->name, n->self ? " *" : "");
	snprintf(r->cell[1], CELL_MAX, "%s", n->role);
	if (n->term && n->present)
		snprintf(r->cell[2], CELL_MAX, "%" PRIu64 ".%" PRIu64, n->term,
		    n->seq);
	else
		snprintf(r->cell[2], CELL_MAX, "-");
	lag_text(n, r->cell[3], CELL_MAX);
	snprintf(r->cell[4], CELL_MAX, "%s", n->hsm[0] ? n->hsm : "?");
	promotable_text(n, r->cell[5], CELL_MAX);
}

static void print_row(const struct row *r, const int *width, FILE *out)
{
	int c;

	for (c = 0; c < COLUMNS - 1; c++)
		fprintf(out, "%-*s  ", width[c], r->cell[c]);
	fprintf(out, "%s\n", r->cell[COLUMNS - 1]);
}

static void print_nodes(const struct view *v, FILE *out)
{
	static struct row row[VIEW_NODES_MAX];
	int width[COLUMNS], i, c;

	for (c = 0; c < COLUMNS; c++)
		width[c] = (int)strlen(titles.cell[c]);
	for (i = 0; i < v->nodes; i++) {
		make_row(&v->node[i], &row[i]);
		for (c = 0; c < COLUMNS; c++)
			if ((int)strlen(row[i].cell[c]) > width[c])
				width[c] = (int)strlen(row[i].cell[c]);
	}
	print_row(&titles, width, out);
	for (i = 0; i < v->nodes; i++)
		print_row(&row[i], width, out);
}

static void print_copy(const struct view_node *n, FILE *out)
{
	struct view_copy c;

	view_copy(n, &c);
	fprintf(out, "Copy to %s: %d %% of %.1f MB, %.1f MB/s", n->name,
	    c.percent, (double)n->copy_total / 1e6, c.mb_s);
	if (c.left_s >= 0)
		fprintf(out, ", %" PRId64 " s left", c.left_s);
	fputc('\n', out);
}

static void print_copies(const struct view *v, FILE *out)
{
	int i;

	for (i = 0; i < v->nodes; i++)
		if (v->node[i].copy_total > 0)
			print_copy(&v->node[i], out);
}

static void print_time(int64_t epoch, FILE *out)
{
	char text[UTCTIME_MAX];

	fputs(utctime(epoch, text), out);
}

static void print_zones(const struct view *v, FILE *out)
{
	int i;

	fprintf(out, "Zones: %d, published %d, waiting %d, refused %d",
	    v->zones, v->served, v->waiting, v->refused);
	if (v->ungated)
		fprintf(out, ", around the gate %d", v->ungated);
	fputc('\n', out);
	if (v->late)
		fprintf(out, "Signed, but held for too long: %d\n", v->late);
	if (v->untold)
		fprintf(out, "Published, but publish_command fails: %d\n",
		    v->untold);
	for (i = 0; i < v->holds; i++) {
		fprintf(out, "Held: %s, since ", v->hold[i].zone);
		print_time(v->hold[i].since, out);
		fprintf(out, ": %s\n", v->hold[i].why);
	}
	if (v->refused > v->holds)
		fprintf(out, "Held: %d more\n", v->refused - v->holds);
	if (v->escaped)
		fprintf(out, "Published in spite of a refusal: %d (%s)\n",
		    v->escaped, v->escaped_zone);
	if (v->bogus_at) {
		fputs("Bogus if nothing more is published: from ", out);
		print_time(v->bogus_at, out);
		fprintf(out, " (%s)\n", v->bogus_zone);
	}
	if (v->least_zone[0])
		fprintf(out, "Least left: %d %% of its Refresh (%s)\n",
		    v->least_percent, v->least_zone);
	if (v->colliding)
		fprintf(
		    out, "Collisions: %d; %s\n", v->colliding, v->collision);
}

static bool is_source(const struct view *v)
{
	int i;

	for (i = 0; i < v->nodes; i++)
		if (v->node[i].self)
			return strcmp(v->node[i].role, "source") == 0;
	return false;
}

static void print_term(const struct view *v, FILE *out)
{
	if (v->term == 0)
		fputs("There has been no source yet, line 1 says what to do",
		    out);
	else
		fprintf(out, "Term %" PRIu64 " is %s", v->term,
		    v->open ? "open" : "closed");
	fprintf(out, "; quorum %s; fencing %s; Corosync's traffic is %s\n",
	    v->quorate ? "yes" : "no", v->fencing ? "on" : "off",
	    v->encrypted ? "encrypted" : "clear");
}

static void print_unbacked(const struct view_keys *k, FILE *out)
{
	int i;

	if (k->unbacked <= 0)
		return;
	fprintf(out,
	    "Not backed up: %ld keys in use; back up the HSM, then "
	    "ods-enforcer backup prepare and commit\n",
	    k->unbacked);
	for (i = 0; i < k->named; i++)
		fprintf(out, "  %s\n", k->name[i]);
	if (k->named < k->unbacked)
		fprintf(out, "  and %ld more\n", k->unbacked - k->named);
}

/* Of this node's tokens: the others say it there. */
static void print_keys(const struct view_keys *k, FILE *out)
{
	if (!k->level[0])
		return;
	if (strcmp(k->level, "none") == 0) {
		fputs("Keys of the HSM: none on record here\n", out);
	} else {
		fprintf(out,
		    "Keys of the HSM in use: %ld proven here, %ld unproven, "
		    "%ld missing, %ld different\n",
		    k->ok, k->unproven, k->missing, k->different);
		if (k->why[0])
			fprintf(out, "  %s. Do: %s\n", k->why, k->fix);
	}
	if (k->extra > 0)
		fprintf(out,
		    "  %ld more private keys in the token are not on record\n",
		    k->extra);
	if (k->trouble[0]) {
		fprintf(
		    out, "  That is old: %s. Last whole look: ", k->trouble);
		if (k->looked)
			print_time(k->looked, out);
		else
			fputs("none yet", out);
		fputc('\n', out);
	}
	if (k->capacity[0])
		fprintf(out, "Room in the HSM: %s\n", k->capacity);
	print_unbacked(k, out);
}

/* "waits: zone Z since TIME, until TIME, because ...; N zones in all (...)" */
static void print_enforcer(const struct view *v, FILE *out)
{
	fputs("Enforcer: ", out);
	if (v->enforce) {
		fputs("may run\n", out);
		return;
	}
	fputs(v->enforce_why[0] ? "waits: " : "held", out);
	if (v->enforce_zone[0]) {
		fprintf(out, "zone %s since ", v->enforce_zone);
		print_time(v->enforce_since, out);
		if (v->enforce_until) {
			fputs(", until ", out);
			print_time(v->enforce_until, out);
		}
		fputs(", because ", out);
	}
	fputs(v->enforce_why, out);
	if (v->enforce_zones > 1)
		fprintf(out, "; %d zones in all", v->enforce_zones);
	if (v->enforce_fix[0])
		fprintf(out, " (%s)", v->enforce_fix);
	fputc('\n', out);
}

static void print_cluster(const struct view *v, FILE *out)
{
	print_term(v, out);
	if (is_source(v)) {
		print_enforcer(v, out);
		if (v->barrier[0] && strcmp(v->barrier, "degrade") != 0)
			fprintf(out, "Barrier: %s\n", v->barrier);
		print_zones(v, out);
	} else if (v->term > 0) {
		fputs("Zones: type ods-cluster status on the node that signs\n",
		    out);
	}
	if (v->held_s > 0)
		fprintf(
		    out, "Publishing is held for %" PRId64 " s\n", v->held_s);
	if (v->degraded_since > 0) {
		fputs("No second holder: degraded since ", out);
		print_time(v->degraded_since, out);
		fputc('\n', out);
	}
}

static void print_loss(const struct view *v, FILE *out)
{
	if (!v->loss_at)
		return;
	fputs("Loss accepted: ", out);
	print_time(v->loss_at, out);
	fprintf(out, " by %s: term %" PRIu64 " began with what %s had\n",
	    v->loss_by, v->loss_term, v->loss_node);
}

static void print_ledger(const struct view *v, FILE *out)
{
	fprintf(out, "Ledger: %s/ledger.db\n", v->state_dir);
	if (v->term == 0) {
		fputs("It has no record: this node has taken part in no term\n",
		    out);
		return;
	}
	fprintf(out,
	    "Term %" PRIu64 " is %s; position here %" PRIu64 "; holders %d\n",
	    v->term,
	    v->open ? "open (its source did not say goodbye)" : "closed",
	    v->seq, v->holders);
	fprintf(out, "Zones: %d, published %d\n", v->zones, v->served);
	print_loss(v, out);
	if (v->no_daemon[0])
		fprintf(out, "%s\n", v->no_daemon);
}

void table_print(const struct view *v, const struct headline *h, FILE *out)
{
	fprintf(out, "%s: %s. Do now: %s.\n", view_code_word(h->code), h->what,
	    h->do_now);
	if (v->from == VIEW_NOTHING)
		return;
	fputc('\n', out);
	if (v->from == VIEW_LEDGER) {
		print_ledger(v, out);
		return;
	}
	print_nodes(v, out);
	fputc('\n', out);
	print_copies(v, out);
	print_cluster(v, out);
	print_loss(v, out);
	print_keys(&v->keys, out);
}
