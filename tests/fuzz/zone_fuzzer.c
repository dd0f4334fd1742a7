/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* A whole verdict: a zone file, and behind zero bytes the version served, the
 * unsigned zone and the facts. */
#include "fuzz.h"
#include "verify.h"

#include <openssl/evp.h>

#define NOW "now 1767300000\n"
#define PARTS 4
#define SEED_MAX 32768
#define ZONES TEST_DATA "/../verify/zones"

static FILE *part_file(char *text)
{
	size_t len = strlen(text);

	return fmemopen(text, len ? len : 1, "r");
}

static const char *digest_of(const char *text, char hex[65])
{
	unsigned char sum[32];
	size_t i, len = strlen(text);

	/* an empty file is one zero byte */
	EVP_Digest(text, len ? len : 1, sum, NULL, EVP_sha256(), NULL);
	for (i = 0; i < sizeof(sum); i++)
		snprintf(hex + 2 * i, 3, "%02x", sum[i]);
	return hex;
}

static size_t seed_part(char *at, const char *name, const char *kind)
{
	char path[4096];
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.%s", ZONES, name, kind);
	f = fopen(path, "r");
	len = f ? fread(at, 1, SEED_MAX, f) : 0;
	if (f)
		fclose(f);
	at[len] = '\0';
	return len + 1;
}

/* Cases of tests/verify. */
static void seeds(void)
{
	static const char *const name[] = {
	    "tiny-nsec", "tiny-optout", "unsigned", "literal"};
	static char text[PARTS * (SEED_MAX + 1)];
	size_t i;

	for (i = 0; i < sizeof(name) / sizeof(name[0]); i++) {
		size_t len = seed_part(text, name[i], "zone");

		len += seed_part(text + len, name[i], "served");
		len += seed_part(text + len, name[i], "unsigned");
		len += seed_part(text + len, name[i], "facts");
		fuzz_seed(name[i], text, len - 1);
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return fuzz_seeds(seeds);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = fuzz_text(data, len), *part[PARTS] = {text}, *said;
	char facts[4096], hex[65];
	struct verify_input in = {.origin = "example.", .facts = facts};
	size_t i, size;
	int parts = 1, code;
	FILE *out = open_memstream(&said, &size);

	must(out);
	for (i = 0; i < len && parts < PARTS; i++)
		if (text[i] == '\0')
			part[parts++] = text + i + 1;
	snprintf(facts, sizeof(facts), NOW "%s", parts > 3 ? part[3] : "");
	in.zone = part_file(part[0]);
	in.served = parts > 1 ? part_file(part[1]) : NULL;
	if (parts > 1)
		in.served_digest = digest_of(part[1], hex);
	in.unsigned_zone = parts > 2 ? part_file(part[2]) : NULL;
	must(in.zone);
	code = (int)verify_run(&in, out);
	fclose(out);
	must(code >= VERIFY_OK && code <= VERIFY_SOFT);
	must(strncmp(said, "ok ", 3) == 0 ||
	     strncmp(said, "refused ", 8) == 0 ||
	     strncmp(said, "error ", 6) == 0);
	must((said[0] == 'o') == (code == VERIFY_OK));
	must((said[0] == 'e') == (code == VERIFY_ERROR));
	free(said);
	fclose(in.zone);
	if (in.served)
		fclose(in.served);
	if (in.unsigned_zone)
		fclose(in.unsigned_zone);
	free(text);
	return 0;
}
