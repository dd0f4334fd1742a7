/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#define TALLY_TEXT(name, text) [TALLY_##name] = text,
const char *const tally_text[TALLY_END] = {TALLY_FAULTS(TALLY_TEXT)
        TALLY_POINTS(TALLY_TEXT) TALLY_TRANSITIONS(TALLY_TEXT)};

long *tally;
static long faults;

void tally_begin(void)
{
	tally = mmap(NULL, TALLY_END * sizeof(*tally), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tally == MAP_FAILED)
		abort();
}

void count(enum tally what)
{
	faults += what < TALLY_MINT_FIRST;
	if (tally)
		__atomic_fetch_add(&tally[what], 1, __ATOMIC_RELAXED);
}

long tally_faults(void)
{
	return faults;
}

void tally_print(void)
{
	int i;

	for (i = 0; i < TALLY_END; i++) {
		if (i == 0)
			printf("# faults:\n");
		else if (i == TALLY_AT_RECORD)
			printf("# durable steps:\n");
		else if (i == TALLY_MINT_FIRST)
			printf("# transitions:\n");
		printf("# %9ld %s\n", tally[i], tally_text[i]);
	}
}

int tally_zeros(void)
{
	int i, zeros = 0;

	for (i = 0; i < TALLY_END; i++)
		if (tally[i] == 0) {
			printf("# never: %s\n", tally_text[i]);
			zeros++;
		}
	return zeros;
}

long tally_points(void)
{
	long sum = 0;
	int i;

	for (i = TALLY_AT_RECORD; i <= TALLY_AT_INSTALL_DONE; i++)
		sum += tally[i];
	return sum;
}
