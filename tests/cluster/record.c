// SPDX-License-Identifier: GPL-2.0-or-later
// Copyright (C) The ocf-ods contributors
/*
 * record SERVER DIR ZONE...
 *
 * Each version of these zones that SERVER serves, in DIR/ZONE.SERIAL, and a
 * line "ZONE SERIAL FROM SEEN" in DIR/log: the version before was still served
 * at FROM, when it was asked for the last time, and this one was at SEEN.  Asks
 * ten times a second, until it is killed.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <ldns/ldns.h>

struct zone {
	const char *name;
	ldns_rdf *apex;
	bool known;
	uint32_t serial;
	double asked; /* when it was served for sure */
};

static const char *dir;
static FILE *journal;

static void __attribute__((noreturn)) die(const char *what)
{
	fprintf(stderr, "record: %s\n", what);
	exit(1);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static uint32_t serial_of(const ldns_rr *soa)
{
	return ldns_rdf2native_int32(ldns_rr_rdf(soa, 2));
}

static ldns_resolver *resolver(const char *server)
{
	ldns_resolver *r = ldns_resolver_new();
	ldns_rdf *address = ldns_rdf_new_frm_str(LDNS_RDF_TYPE_A, server);
	struct timeval timeout = {.tv_sec = 2};

	if (r == NULL || address == NULL ||
	    ldns_resolver_push_nameserver(r, address) != LDNS_STATUS_OK)
		die("no address of a server");
	ldns_resolver_set_timeout(r, timeout);
	ldns_resolver_set_retry(r, 1);
	ldns_resolver_set_recursive(r, false);
	ldns_rdf_deep_free(address);
	return r;
}

static bool ask_serial(ldns_resolver *r, const struct zone *z, uint32_t *serial)
{
	ldns_pkt *p = ldns_resolver_query(
	    r, z->apex, LDNS_RR_TYPE_SOA, LDNS_RR_CLASS_IN, 0);
	ldns_rr_list *soa = NULL;

	if (p != NULL)
		soa = ldns_pkt_rr_list_by_type(
		    p, LDNS_RR_TYPE_SOA, LDNS_SECTION_ANSWER);
	if (soa != NULL)
		*serial = serial_of(ldns_rr_list_rr(soa, 0));
	ldns_rr_list_deep_free(soa);
	ldns_pkt_free(p);
	return soa != NULL;
}

/* The zone as it is now, in a file named by its serial.  The SOA that closes a
 * transfer is left out. */
static bool take(ldns_resolver *r, const struct zone *z, uint32_t *serial)
{
	char fresh[600], path[600];
	ldns_rr *rr;
	bool began = false, whole;
	FILE *f;

	snprintf(fresh, sizeof(fresh), "%s/%s.new", dir, z->name);
	f = fopen(fresh, "w");
	if (f == NULL)
		die("the record cannot be written");
	if (ldns_axfr_start(r, z->apex, LDNS_RR_CLASS_IN) == LDNS_STATUS_OK)
		while ((rr = ldns_axfr_next(r)) != NULL) {
			bool soa = ldns_rr_get_type(rr) == LDNS_RR_TYPE_SOA;

			if (soa)
				*serial = serial_of(rr);
			if (!soa || !began)
				ldns_rr_print(f, rr);
			began = true;
			ldns_rr_free(rr);
		}
	whole = began && ldns_axfr_complete(r);
	if (!whole)
		ldns_axfr_abort(r);
	snprintf(path, sizeof(path), "%s/%s.%u", dir, z->name, *serial);
	if (fclose(f) != 0)
		die("the record cannot be written");
	return whole && rename(fresh, path) == 0;
}

static void look(ldns_resolver *r, struct zone *z)
{
	double before = now(), seen;
	uint32_t serial;

	if (!ask_serial(r, z, &serial))
		return;
	seen = now();
	if (!z->known || serial != z->serial) {
		if (!take(r, z, &serial))
			return;
		fprintf(journal, "%s %u %.3f %.3f\n", z->name, serial,
		    z->known ? z->asked : before, seen);
		if (fflush(journal) != 0)
			die("the record cannot be written");
		z->known = true;
		z->serial = serial;
	}
	z->asked = before;
}

int main(int argc, char **argv)
{
	const struct timespec pause = {.tv_nsec = 100000000};
	struct zone *zones;
	ldns_resolver *r;
	char path[600];
	int i;

	if (argc < 4)
		die("usage: record SERVER DIR ZONE...");
	dir = argv[2];
	snprintf(path, sizeof(path), "%s/log", dir);
	journal = fopen(path, "a");
	zones = calloc((size_t)argc, sizeof(*zones));
	if (journal == NULL || zones == NULL)
		die("the record cannot be written");
	r = resolver(argv[1]);
	for (i = 3; i < argc; i++) {
		zones[i].name = argv[i];
		zones[i].apex = ldns_dname_new_frm_str(argv[i]);
	}
	for (;;) {
		for (i = 3; i < argc; i++)
			look(r, &zones[i]);
		nanosleep(&pause, NULL);
	}
}
