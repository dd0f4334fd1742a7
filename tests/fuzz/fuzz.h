/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_FUZZ_H
#define ODS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the fuzzers share.  Each calls decoders of the product on one input
 * and checks what must hold of the result, whatever the input was.  Texts
 * have their first inputs in corpus/; binary ones make theirs themselves:
 *
 *	FUZZ_SEEDS=DIR NAME_fuzzer
 *
 * writes them into DIR and ends. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerInitialize(int *argc, char ***argv);

#define must(cond) ((cond) ? (void)0 : fuzz_broken(#cond, __FILE__, __LINE__))

static inline void fuzz_broken(const char *cond, const char *file, int line)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, cond);
	abort();
}

/* DATA with a NUL behind it and not a byte more, the caller's to free. */
static inline char *fuzz_text(const uint8_t *data, size_t len)
{
	char *text = malloc(len + 1);

	must(text);
	if (len > 0)
		memcpy(text, data, len);
	text[len] = '\0';
	return text;
}

static inline void fuzz_seed(const char *name, const void *data, size_t len)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", getenv("FUZZ_SEEDS"), name);
	f = fopen(path, "w");
	must(f && fwrite(data, 1, len, f) == len && fclose(f) == 0);
}

/* LLVMFuzzerInitialize() of a fuzzer with seeds of its own. */
static inline int fuzz_seeds(void (*make)(void))
{
	if (getenv("FUZZ_SEEDS")) {
		make();
		exit(0);
	}
	return 0;
}

#endif
