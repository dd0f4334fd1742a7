/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "floors.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"
#include "deadline.h"
#include "expiry.h"
#include "floor.h"
#include "log.h"
#include "proc.h"
#include "zones.h"

#define PROGRAM ODS_LIBEXECDIR "/ods-soa"
#define NOTE_ASK "floors.ask"
#define ALL_ZONES "all"
#define URGENT_ZONES "urgent"
#define CLOCKS_S 600 /* the other node's may have been ahead */
#define ASK_MS 30000
#define SAYS_MAX (16 << 20)
#define RECORD_LINE_MAX 4096
#define ANSWERS_MAX 64 /* of one zone that count */

struct names {
	char **name;
	size_t count, room;
};

static int add_name(const struct zone_row *row, void *arg)
{
	struct names *n = arg;

	if (n->count == n->room) {
		size_t room = n->room ? n->room * 2 : 64;
		void *more = realloc(n->name, room * sizeof(*n->name));

		if (!more)
			return -ENOMEM;
		n->name = more;
		n->room = room;
	}
	n->name[n->count] = strdup(row->zone);
	return n->name[n->count++] ? 0 : -ENOMEM;
}

static void cleanup_names(struct names *n)
{
	while (n->count > 0)
		free(n->name[--n->count]);
	free(n->name);
}

static int put_row(struct ledger *l, struct zone_row *row, uint32_t floor,
    int64_t now, struct why *why)
{
	int rc = floor_put(row, floor, now);

	return rc < 0 ? why_set(why, rc, "the row of %s is full", row->zone)
	              : ledger_zone_put(l, row, why);
}

static int put_all(struct ledger *l, int64_t now, struct why *why)
{
	CLEANUP(cleanup_names) struct names names = {0};
	struct zone_row row;
	uint32_t floor;
	size_t i;
	int rc = ledger_zone_each(l, add_name, &names, why);

	for (i = 0; rc == 0 && i < names.count; i++) {
		rc = ledger_zone_get(l, names.name[i], &row, why);
		if (rc == 0 && floor_of(row.ever, row.serial, NULL, 0, &floor))
			rc = put_row(l, &row, floor, now, why);
	}
	return rc < 0 ? rc : ledger_note_put(l, NOTE_ASK, ALL_ZONES, why);
}

static int end(struct ledger *l, int rc, struct why *why)
{
	if (rc == 0)
		return ledger_commit(l, why);
	ledger_rollback(l);
	return rc;
}

int floors_begin(
    struct ledger *l, const char *loss, int64_t now, struct why *why)
{
	int rc = ledger_begin(l, why);

	if (rc < 0)
		return rc;
	rc = put_all(l, now, why);
	if (rc == 0)
		rc = ledger_note_put(l, FLOORS_LOSS, loss, why);
	return end(l, rc, why);
}

int floors_wanted(struct ledger *l, bool urgent, struct why *why)
{
	char note[8] = "";

	ledger_note_get(l, NOTE_ASK, note, sizeof(note));
	if (urgent && strcmp(note, ALL_ZONES) == 0)
		return 0; /* since an earlier term */
	return ledger_note_put(
	    l, NOTE_ASK, urgent ? URGENT_ZONES : ALL_ZONES, why);
}

int floors_server(const char *zone, const char *line, char *name, size_t size)
{
	char owner[512], type[32];
	size_t len;
	int at = 0;

	if (sscanf(line, "%511s %*u %*s %31s %n", owner, type, &at) != 2 || !at)
		return -ENOENT;
	len = strlen(owner);
	if (len > 1 && owner[len - 1] == '.')
		owner[len - 1] = '\0';
	if (strcasecmp(owner, zone) != 0)
		return -ENOENT;
	len = strcspn(line + at, " \t\n;");
	if (strcmp(type, "NS") != 0 || len == 0 || len >= size)
		return 0;
	memcpy(name, line + at, len);
	name[len] = '\0';
	return 1;
}

int floors_answer(const char *line, char *zone, size_t size, uint32_t *serial)
{
	size_t len = strcspn(line, " ");
	unsigned long n;
	char *end;

	if (len == 0 || len >= size || !line[len])
		return -EBADMSG;
	memcpy(zone, line, len);
	zone[len] = '\0';
	n = strtoul(line + len + 1, &end, 10);
	if (end == line + len + 1 || n > UINT32_MAX || *end != ' ')
		return -EBADMSG;
	*serial = (uint32_t)n;
	return 0;
}

/* "ZONE SERVER...": the apex comes first in what the signer has written. */
static void write_question(const struct conf *conf, const char *state_dir,
    const struct zone_entry *z, FILE *out)
{
	char path[PATH_MAX], line[RECORD_LINE_MAX], name[512];
	CLEANUP_FILE FILE *in = NULL;
	bool whole = true;
	int rc = 0;

	if (!z->output[0])
		return;
	fputs(z->name, out);
	if (zone_published_path(conf, state_dir, z, path, sizeof(path)) == 0)
		in = fopen(path, "re");
	while (in && rc >= 0 && fgets(line, sizeof(line), in)) {
		rc = whole ? floors_server(z->name, line, name, sizeof(name))
		           : 0;
		if (rc > 0)
			fprintf(out, " %s", name);
		whole = strchr(line, '\n'); /* else its rest follows */
	}
	fputc('\n', out);
}

/* What ods-soa reads; -1. */
static int questions(const struct conf *conf, const char *state_dir,
    const struct zone_list *list)
{
	CLEANUP_CLOSE int fd = memfd_create("questions", MFD_CLOEXEC);
	FILE *out = fd < 0 ? NULL : fdopen(dup(fd), "w");
	size_t i;

	if (!out)
		return -1;
	for (i = 0; i < list->count; i++)
		write_question(conf, state_dir, &list->zone[i], out);
	if (fclose(out) != 0 || lseek(fd, 0, SEEK_SET) != 0)
		return -1;
	return steal_fd(&fd);
}

static char *ask(const struct conf *conf, const char *state_dir,
    const struct zone_list *list, const volatile bool *cancel)
{
	CLEANUP_CLOSE int fd = questions(conf, state_dir, list);
	const char *argv[] = {PROGRAM, NULL};
	struct proc_job job = {.argv = argv, .stdin_fd = fd, .cancel = cancel};
	struct proc_result result;
	struct why why = {0};
	char *said = NULL;

	if (fd < 0 || proc_run_text(&job, SAYS_MAX, deadline_in_ms(ASK_MS),
	                  &result, &said, &why) < 0) {
		log_err("the servers of the zones cannot be asked: %s",
		    fd < 0 ? "no memory" : why.text);
		return NULL;
	}
	return said;
}

struct answer {
	char zone[256];
	uint32_t serial;
};

struct answers {
	struct answer *list; /* by zone */
	size_t count;
};

static int by_zone(const void *a, const void *b)
{
	return strcmp(
	    ((const struct answer *)a)->zone, ((const struct answer *)b)->zone);
}

static void cleanup_answers(struct answers *a)
{
	free(a->list);
}

/* What is no answer, as a last line that was cut, is none. */
static int parse_answers(const char *said, struct answers *a)
{
	size_t lines = 0;
	const char *at;

	for (at = said; (at = strchr(at, '\n')); at++)
		lines++;
	a->list = calloc(lines + 1, sizeof(*a->list));
	if (!a->list)
		return -ENOMEM;
	for (at = said; strchr(at, '\n'); at = strchr(at, '\n') + 1) {
		struct answer *one = &a->list[a->count];

		a->count += floors_answer(at, one->zone, sizeof(one->zone),
		                &one->serial) == 0;
	}
	qsort(a->list, a->count, sizeof(*a->list), by_zone);
	return 0;
}

/* The serials for ZONE, at most ANSWERS_MAX of them. */
static size_t answers_for(
    const struct answers *a, const char *zone, uint32_t served[ANSWERS_MAX])
{
	size_t low = 0, high = a->count, count = 0;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (strcmp(a->list[mid].zone, zone) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < a->count && count < ANSWERS_MAX &&
	       strcmp(a->list[low].zone, zone) == 0;
	     low++)
		served[count++] = a->list[low].serial;
	return count;
}

static void log_floor(const struct zone_row *row, size_t count)
{
	uint32_t last;

	if (!floor_last(row, &last))
		return;
	if (count > 0)
		log_notice("zone %s: the next serial is above %" PRIu32
		           ", by what %zu servers have answered",
		    row->zone, last, count);
	else
		log_warn("zone %s: the next serial is above %" PRIu32
		         ", by the ledger alone: no server of it has answered",
		    row->zone, last);
}

static int raise_zone(struct ledger *l, const char *zone,
    const struct answers *a, struct why *why)
{
	uint32_t served[ANSWERS_MAX], floor;
	size_t count = answers_for(a, zone, served);
	struct zone_row row;
	int rc = ledger_zone_get(l, zone, &row, why);

	if (rc < 0 && rc != -ENOENT)
		return rc;
	if (rc == -ENOENT) {
		memset(&row, 0, sizeof(row));
		snprintf(row.zone, sizeof(row.zone), "%s", zone);
		row.state = ZONE_SERVED; /* nothing of it is on its way */
	}
	if (!floor_of(row.ever, row.serial, served, count, &floor))
		return 0;
	rc = put_row(l, &row, floor, time(NULL), why);
	if (rc == 0)
		log_floor(&row, count);
	return rc;
}

static int raise_all(struct ledger *l, const struct zone_list *list,
    const struct answers *a, struct why *why)
{
	size_t i;
	int rc = ledger_begin(l, why);

	if (rc < 0)
		return rc;
	for (i = 0; rc == 0 && i < list->count; i++)
		rc = raise_zone(l, list->zone[i].name, a, why);
	if (rc == 0)
		rc = ledger_note_put(l, NOTE_ASK, "", why);
	return end(l, rc, why);
}

static bool is_urgent(const struct zone_entry *z, const struct zone_row *row)
{
	struct expiry e = {.at = row->served_expires};

	expiry_follow(&e, z->signconf);
	return expiry_urgent(&e, time(NULL) + CLOCKS_S);
}

/* Those whose last version may have gone out without us come first in LIST;
 * *COUNT is how many. */
static int find_urgent(struct ledger *l, const struct zone_list *list,
    size_t *count, struct why *why)
{
	struct zone_row row;
	size_t i;

	*count = 0;
	for (i = 0; i < list->count; i++) {
		struct zone_entry z = list->zone[i];
		int rc = ledger_zone_get(l, z.name, &row, why);

		if (rc < 0 && rc != -ENOENT)
			return rc;
		if (rc < 0 || !is_urgent(&z, &row))
			continue;
		list->zone[i] = list->zone[*count];
		list->zone[(*count)++] = z;
	}
	return 0;
}

void floors_ask(struct ledger *l, const struct conf *conf,
    const char *state_dir, const volatile bool *cancel)
{
	CLEANUP(cleanup_answers) struct answers answers = {0};
	CLEANUP_FREE char *said = NULL;
	struct zone_list list, some;
	struct why why = {0};
	char note[8] = "";
	int rc;

	if (ledger_note_get(l, NOTE_ASK, note, sizeof(note)) < 0 || !note[0])
		return;
	rc = zones_load(conf->zones_file, &list, &why);
	if (rc < 0) {
		log_err("%s", why.text);
		return;
	}
	some = list;
	if (strcmp(note, URGENT_ZONES) == 0)
		rc = find_urgent(l, &list, &some.count, &why);
	if (rc == 0 && some.count > 0)
		said = ask(conf, state_dir, &some, cancel);
	if (parse_answers(said ? said : "", &answers) < 0)
		rc = why_set(&why, -ENOMEM, "out of memory");
	if (rc == 0 && !*cancel)
		rc = raise_all(l, &some, &answers, &why);
	if (rc < 0)
		log_err("%s", why.text);
	zones_free(&list);
}
