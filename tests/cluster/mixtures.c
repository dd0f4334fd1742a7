// SPDX-License-Identifier: GPL-2.0-or-later
// Copyright (C) The ocf-ods contributors
/*
 * mixtures RECORD
 *
 * Would a resolver that holds parts of several versions of a zone, each for its
 * TTL, have called anything bogus?  RECORD tells what was served and when, in
 * seconds, files relative to the working directory:
 *
 *   version ZONE FROM TO FILE    the whole zone; lines of a zone in order
 *   parent  ZONE FROM TO FILE    the DS set that the parent had then
 *
 * A DS set, a DNSKEY set and an RRset meet in a cache when the times at which
 * they were served, each with its TTL added, overlap.  For all that meet:
 *
 *   - for each algorithm of the DS set a key that one of its DS points to has
 *     signed the DNSKEY set;
 *   - for each of these algorithms the RRset has a signature by a key of the
 *     DNSKEY set.
 *
 * That is what the strictest validator asks for (RFC 4035 2.2, 5).  Signatures
 * count when they are valid at both ends of the time of the meeting.  One line
 * for each pair with a fault; exit 1 if there is one, 2 if the record proves
 * nothing.  Delegations are not judged: a zone that has one is an error.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ldns/ldns.h>

enum { MAX_ZONES = 64, MAX_ALGORITHM = 255 };

struct span {
	double from, to;
};

struct rrset {
	ldns_rr_list *rrs, *sigs;
};

struct version {
	struct span served;
	uint32_t serial;
	struct rrset keys;  /* the DNSKEY set */
	struct rrset *sets; /* all others */
	size_t nsets;
};

/* A DNSKEY set, for as long as caches may hold it from any version in a row. */
struct keyset {
	struct span held;
	uint32_t serial; /* of the first */
	const ldns_rr_list *keys;
};

struct parent {
	struct span held;
	ldns_rr_list *ds;
};

struct zone {
	char *name;
	struct version *versions;
	struct keyset *keysets;
	struct parent *parents;
	size_t nversions, nkeysets, nparents;
};

static struct {
	unsigned long meetings, verified, faults;
} count;

static void __attribute__((noreturn, format(printf, 1, 2)))
die(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	fputs("mixtures: ", stderr);
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(2);
}

/* One element more, zeroed. */
static void *grow(void *array, size_t n, size_t size)
{
	char *p = realloc(array, (n + 1) * size);

	if (p == NULL)
		die("no memory");
	memset(p + n * size, 0, size);
	return p;
}

static bool meet(struct span a, struct span b, struct span *both)
{
	both->from = a.from > b.from ? a.from : b.from;
	both->to = a.to < b.to ? a.to : b.to;
	return both->from <= both->to;
}

static struct span held(struct span served, const ldns_rr_list *rrs)
{
	uint32_t ttl = 0;
	size_t i;

	for (i = 0; i < ldns_rr_list_rr_count(rrs); i++)
		if (ldns_rr_ttl(ldns_rr_list_rr(rrs, i)) > ttl)
			ttl = ldns_rr_ttl(ldns_rr_list_rr(rrs, i));
	return (struct span){served.from, served.to + ttl};
}

/* --- reading -------------------------------------------------------------- */

static ldns_rr_list *read_rrs(const char *path)
{
	ldns_rr_list *list = ldns_rr_list_new();
	ldns_rdf *origin = NULL, *before = NULL;
	uint32_t ttl = 3600;
	FILE *f = fopen(path, "r");
	int line = 0;

	if (f == NULL)
		die("cannot open %s", path);
	while (!feof(f)) {
		ldns_rr *rr = NULL;
		ldns_status s =
		    ldns_rr_new_frm_fp_l(&rr, f, &ttl, &origin, &before, &line);

		if (s == LDNS_STATUS_OK)
			ldns_rr_list_push_rr(list, rr);
		else if (s != LDNS_STATUS_SYNTAX_EMPTY &&
		         s != LDNS_STATUS_SYNTAX_TTL &&
		         s != LDNS_STATUS_SYNTAX_ORIGIN)
			die("%s:%d: %s", path, line,
			    ldns_get_errorstr_by_id(s));
	}
	fclose(f);
	ldns_rdf_deep_free(origin);
	ldns_rdf_deep_free(before);
	return list;
}

static bool covers(const ldns_rr *sig, const ldns_rr *rr)
{
	return ldns_rdf2rr_type(ldns_rr_rrsig_typecovered(sig)) ==
	           ldns_rr_get_type(rr) &&
	       ldns_dname_compare(ldns_rr_owner(sig), ldns_rr_owner(rr)) == 0;
}

static ldns_rr_list *sigs_of(const ldns_rr_list *sigs, const ldns_rr *rr)
{
	ldns_rr_list *list = ldns_rr_list_new();
	size_t i;

	for (i = 0; i < ldns_rr_list_rr_count(sigs); i++)
		if (covers(ldns_rr_list_rr(sigs, i), rr))
			ldns_rr_list_push_rr(list, ldns_rr_list_rr(sigs, i));
	return list;
}

static void take_set(
    struct version *v, const char *zone, ldns_rr_list *rrs, ldns_rr_list *sigs)
{
	const ldns_rr *rr = ldns_rr_list_rr(rrs, 0);
	struct rrset set = {rrs, sigs_of(sigs, rr)};

	switch (ldns_rr_get_type(rr)) {
	case LDNS_RR_TYPE_DNSKEY:
		v->keys = set;
		return;
	case LDNS_RR_TYPE_SOA:
		v->serial = ldns_rdf2native_int32(ldns_rr_rdf(rr, 2));
		break;
	case LDNS_RR_TYPE_NS: {
		ldns_rdf *apex = ldns_dname_new_frm_str(zone);

		if (ldns_dname_compare(ldns_rr_owner(rr), apex) != 0)
			die("%s: a delegation is not judged here", zone);
		ldns_rdf_deep_free(apex);
		break;
	}
	default:
		break;
	}
	v->sets = grow(v->sets, v->nsets, sizeof(*v->sets));
	v->sets[v->nsets++] = set;
}

static struct version read_version(
    const char *zone, struct span served, const char *path)
{
	ldns_rr_list *all = read_rrs(path), *data = ldns_rr_list_new();
	ldns_rr_list *sigs = ldns_rr_list_new(), *rrs;
	struct version v = {.served = served};
	size_t i;

	for (i = 0; i < ldns_rr_list_rr_count(all); i++) {
		ldns_rr *rr = ldns_rr_list_rr(all, i);
		bool sig = ldns_rr_get_type(rr) == LDNS_RR_TYPE_RRSIG;

		ldns_rr_list_push_rr(sig ? sigs : data, rr);
	}
	ldns_rr_list_sort(data);
	while ((rrs = ldns_rr_list_pop_rrset(data)) != NULL)
		take_set(&v, zone, rrs, sigs);
	if (v.nsets == 0 || v.keys.rrs == NULL)
		die("%s: no signed zone", path);
	ldns_rr_list_free(data);
	ldns_rr_list_free(sigs);
	ldns_rr_list_free(all);
	return v;
}

static struct zone *zone_named(struct zone *zones, const char *name)
{
	struct zone *z = zones;

	while (z->name != NULL && strcmp(z->name, name) != 0)
		z++;
	if (z == zones + MAX_ZONES)
		die("more than %d zones", MAX_ZONES);
	if (z->name == NULL)
		z->name = strdup(name);
	return z;
}

static void read_line(struct zone *zones, char *line)
{
	char what[16], name[256], path[512];
	struct span s;
	struct zone *z;

	if (sscanf(line, "%15s %255s %lf %lf %511s", what, name, &s.from, &s.to,
	        path) != 5 ||
	    s.to < s.from)
		die("no line of a record: %s", line);
	z = zone_named(zones, name);
	if (strcmp(what, "version") == 0) {
		z->versions =
		    grow(z->versions, z->nversions, sizeof(*z->versions));
		z->versions[z->nversions++] = read_version(name, s, path);
	} else if (strcmp(what, "parent") == 0) {
		ldns_rr_list *ds = read_rrs(path);

		z->parents = grow(z->parents, z->nparents, sizeof(*z->parents));
		z->parents[z->nparents++] = (struct parent){held(s, ds), ds};
	} else {
		die("neither version nor parent: %s", what);
	}
}

static void read_record(struct zone *zones, const char *path)
{
	char line[1200];
	FILE *f = fopen(path, "r");

	if (f == NULL)
		die("cannot open %s", path);
	while (fgets(line, sizeof(line), f) != NULL)
		read_line(zones, line);
	fclose(f);
}

static bool same_rrs(const ldns_rr_list *a, const ldns_rr_list *b)
{
	size_t i;

	if (ldns_rr_list_rr_count(a) != ldns_rr_list_rr_count(b))
		return false;
	for (i = 0; i < ldns_rr_list_rr_count(a); i++)
		if (ldns_rr_compare(
		        ldns_rr_list_rr(a, i), ldns_rr_list_rr(b, i)) != 0)
			return false;
	return true;
}

static void find_keysets(struct zone *z)
{
	size_t i;

	for (i = 0; i < z->nversions; i++) {
		const struct version *v = &z->versions[i];
		struct span span = held(v->served, v->keys.rrs);
		struct keyset *last = z->keysets + z->nkeysets;

		if (z->nkeysets > 0 && same_rrs(last[-1].keys, v->keys.rrs)) {
			if (span.to > last[-1].held.to)
				last[-1].held.to = span.to;
			continue;
		}
		z->keysets = grow(z->keysets, z->nkeysets, sizeof(*z->keysets));
		z->keysets[z->nkeysets++] =
		    (struct keyset){span, v->serial, v->keys.rrs};
	}
}

/* --- judging -------------------------------------------------------------- */

static uint8_t ds_algorithm(const ldns_rr *ds)
{
	return ldns_rdf2native_int8(ldns_rr_rdf(ds, 1));
}

static bool has_algorithm(const struct parent *p, int algorithm)
{
	size_t i;

	for (i = 0; i < ldns_rr_list_rr_count(p->ds); i++)
		if (ds_algorithm(ldns_rr_list_rr(p->ds, i)) == algorithm)
			return true;
	return false;
}

/* RFC 4034 3.1.5: times are serial numbers. */
static bool valid_during(const ldns_rr *sig, struct span s)
{
	uint32_t begin = ldns_rdf2native_int32(ldns_rr_rrsig_inception(sig));
	uint32_t end = ldns_rdf2native_int32(ldns_rr_rrsig_expiration(sig));

	return (int32_t)((uint32_t)s.from - begin) >= 0 &&
	       (int32_t)(end - (uint32_t)s.to) >= 0;
}

static bool signed_by(const struct rrset *set, const ldns_rr_list *keys,
    int algorithm, struct span when)
{
	size_t i;
	bool good = false;

	for (i = 0; i < ldns_rr_list_rr_count(set->sigs) && !good; i++) {
		const ldns_rr *sig = ldns_rr_list_rr(set->sigs, i);

		if (ldns_rdf2native_int8(ldns_rr_rrsig_algorithm(sig)) !=
		        algorithm ||
		    !valid_during(sig, when))
			continue;
		count.verified++;
		good = ldns_verify_rrsig_keylist_notime(
		           set->rrs, sig, keys, NULL) == LDNS_STATUS_OK;
	}
	return good;
}

static void __attribute__((format(printf, 3, 4)))
fault(const struct zone *z, struct span when, const char *format, ...)
{
	va_list ap;

	count.faults++;
	printf("%s: from %.1f to %.1f: ", z->name, when.from, when.to);
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	putchar('\n');
}

/* The keys that a DS of that algorithm points to. */
static ldns_rr_list *pointed_to(
    const struct parent *p, const ldns_rr_list *keys, int algorithm)
{
	ldns_rr_list *found = ldns_rr_list_new();
	size_t i, j;

	for (i = 0; i < ldns_rr_list_rr_count(p->ds); i++) {
		const ldns_rr *ds = ldns_rr_list_rr(p->ds, i);

		if (ds_algorithm(ds) != algorithm)
			continue;
		for (j = 0; j < ldns_rr_list_rr_count(keys); j++)
			if (ldns_rr_compare_ds(ds, ldns_rr_list_rr(keys, j)))
				ldns_rr_list_push_rr(
				    found, ldns_rr_list_rr(keys, j));
	}
	return found;
}

/* The DNSKEY set of that version with all DS sets that it may meet. */
static void judge_chain(const struct zone *z, const struct version *v)
{
	struct span when, span = held(v->served, v->keys.rrs);
	size_t i;
	int a;

	for (i = 0; i < z->nparents; i++) {
		if (!meet(span, z->parents[i].held, &when))
			continue;
		count.meetings++;
		for (a = 0; a <= MAX_ALGORITHM; a++) {
			ldns_rr_list *keys;

			if (!has_algorithm(&z->parents[i], a))
				continue;
			keys = pointed_to(&z->parents[i], v->keys.rrs, a);
			if (!signed_by(&v->keys, keys, a, when))
				fault(z, when,
				    "the DNSKEY set of serial %u is not signed "
				    "by a key that a DS of algorithm %d points "
				    "to",
				    v->serial, a);
			ldns_rr_list_free(keys);
		}
	}
}

/* When in that time a DS of that algorithm may be in a cache. */
static bool asked_for(
    const struct zone *z, int algorithm, struct span when, struct span *asked)
{
	struct span s;
	bool found = false;
	size_t i;

	for (i = 0; i < z->nparents; i++) {
		if (!has_algorithm(&z->parents[i], algorithm) ||
		    !meet(z->parents[i].held, when, &s))
			continue;
		if (!found || s.from < asked->from)
			asked->from = s.from;
		if (!found || s.to > asked->to)
			asked->to = s.to;
		found = true;
	}
	return found;
}

/* All RRsets of that version with that DNSKEY set: tells the first fault, and
 * how many there are. */
static void judge_data(
    const struct zone *z, const struct version *v, const struct keyset *k)
{
	struct span when, asked, first = {0, 0};
	unsigned long bad = 0, met = 0;
	const ldns_rr *rr = NULL;
	size_t i;
	int a, algorithm = 0;

	for (i = 0; i < v->nsets; i++) {
		const struct rrset *set = &v->sets[i];

		if (!meet(held(v->served, set->rrs), k->held, &when))
			continue;
		met++;
		for (a = 0; a <= MAX_ALGORITHM; a++) {
			if (!asked_for(z, a, when, &asked) ||
			    signed_by(set, k->keys, a, asked))
				continue;
			if (bad++ > 0)
				continue;
			rr = ldns_rr_list_rr(set->rrs, 0);
			algorithm = a;
			first = asked;
		}
	}
	count.meetings += met > 0;
	if (bad > 0) {
		char *owner = ldns_rdf2str(ldns_rr_owner(rr));
		char *type = ldns_rr_type2str(ldns_rr_get_type(rr));

		fault(z, first,
		    "%s %s of serial %u has no signature of algorithm %d by "
		    "the DNSKEY set of serial %u (and %lu more)",
		    owner, type, v->serial, algorithm, k->serial, bad - 1);
		free(owner);
		free(type);
	}
}

static void judge_zone(const struct zone *z)
{
	size_t i, j;

	if (z->nversions == 0 || z->nparents == 0)
		die("%s: versions and DS sets are needed", z->name);
	for (i = 0; i < z->nversions; i++) {
		judge_chain(z, &z->versions[i]);
		for (j = 0; j < z->nkeysets; j++)
			judge_data(z, &z->versions[i], &z->keysets[j]);
	}
}

int main(int argc, char **argv)
{
	static struct zone zones[MAX_ZONES + 1];
	size_t versions = 0, keysets = 0;
	struct zone *z;

	if (argc != 2)
		die("usage: mixtures RECORD");
	read_record(zones, argv[1]);
	for (z = zones; z->name != NULL; z++) {
		find_keysets(z);
		judge_zone(z);
		versions += z->nversions;
		keysets += z->nkeysets;
	}
	if (versions == 0)
		die("an empty record");
	printf("%zu versions, %zu DNSKEY sets, %lu mixtures, %lu signatures, "
	       "%lu faults\n",
	    versions, keysets, count.meetings, count.verified, count.faults);
	return count.faults > 0;
}
