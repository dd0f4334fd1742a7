/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* A step from one database to the next.  The first octet says whether the
 * rest is the step itself, or the letters of two databases: the step between
 * them proves itself and makes the second of the first, in place and in a
 * copy; with one octet of it changed it does not prove itself any more. */
#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "database.h"
#include "dbpatch.h"

#define RAW 0
#define BUILT 1

static int fd = -1, base = -1, copy = -1;

struct seen {
	struct delta_head h;
	uint32_t last, pages;
};

static int see(const struct delta_page *page, void *arg)
{
	struct seen *s = arg;

	must(page->number > s->last && page->number <= s->h.after);
	s->last = page->number;
	s->pages++;
	return 0;
}

static void fill(int file, const void *data, size_t len)
{
	must(ftruncate(file, 0) == 0);
	must(pwrite(file, data, len, 0) == (ssize_t)len);
}

static void fuzz_raw(const uint8_t *data, size_t len)
{
	const struct delta d = {.fd = fd, .len = len};
	struct fuzz_db db;
	struct seen s = {0};
	int rc;

	fill(fd, data, len);
	if (delta_open(&d, &s.h) < 0)
		return;
	must(delta_len(&s.h) == len);
	rc = delta_each(&d, see, &s, NULL);
	must(rc == -EBADMSG || (rc == 0 && s.pages == s.h.changed));
	fuzz_db_make(&db, data, len);
	delta_verify(&d, db.table->sum, fuzz_db_size(&db), NULL);
	fill(base, db.page, fuzz_db_size(&db));
	rc = dbpatch_in_place(&d, base, db.table->sum, NULL);
	must(rc <= 0);
	pages_unref(db.table);
}

static void is_db(int file, const struct fuzz_db *want)
{
	uint8_t page[sizeof(want->page) + 1];

	must(pread(file, page, sizeof(page), 0) == (ssize_t)fuzz_db_size(want));
	must(memcmp(page, want->page, fuzz_db_size(want)) == 0);
}

static void apply(
    const struct delta *d, const struct fuzz_db *from, const struct fuzz_db *to)
{
	must(delta_verify(d, to->table->sum, fuzz_db_size(to), NULL) == 0);
	fill(base, from->page, fuzz_db_size(from));
	must(ftruncate(copy, 0) == 0);
	must(dbpatch_copy(d, base, copy, to->table->sum, NULL) == 0);
	is_db(copy, to);
	is_db(base, from);
	must(dbpatch_in_place(d, base, to->table->sum, NULL) == 0);
	is_db(base, to);
	/* Again, as after a crash */
	must(dbpatch_in_place(d, base, to->table->sum, NULL) == 0);
	is_db(base, to);
}

static void fuzz_built(const uint8_t *data, size_t len)
{
	struct fuzz_db from, to;
	struct delta d = {.fd = fd};
	size_t half, at;
	uint8_t octet;

	if (len < 4)
		return;
	at = (size_t)data[0] << 8 | data[1];
	half = 3 + data[2] % (len - 3);
	fuzz_db_make(&from, data + 3, half - 3);
	fuzz_db_make(&to, data + half, len - half);
	must(ftruncate(fd, 0) == 0);
	d.len = fuzz_db_step(fd, 0, &from, &to);
	apply(&d, &from, &to);
	at %= d.len;
	must(pread(fd, &octet, 1, (off_t)at) == 1);
	octet ^= 0x20;
	must(pwrite(fd, &octet, 1, (off_t)at) == 1);
	must(delta_verify(&d, to.table->sum, fuzz_db_size(&to), NULL) < 0);
	pages_unref(from.table);
	pages_unref(to.table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (fd < 0) {
		fd = memfd_create("delta", MFD_CLOEXEC);
		base = memfd_create("base", MFD_CLOEXEC);
		copy = memfd_create("copy", MFD_CLOEXEC);
	}
	must(fd >= 0 && base >= 0 && copy >= 0);
	if (len == 0)
		return 0;
	if (data[0] == BUILT)
		fuzz_built(data + 1, len - 1);
	else
		fuzz_raw(data + 1, len - 1);
	return 0;
}

static void make_seeds(void)
{
	static const char *const steps[] = {"abcabX", "abcde", "abaY"};
	uint8_t buf[8192];
	struct fuzz_db from, to;
	uint64_t n;
	size_t i;

	for (i = 0; i < 3; i++) {
		buf[0] = BUILT;
		buf[1] = 1;
		buf[2] = 200;
		buf[3] = 3;
		memcpy(buf + 4, steps[i], strlen(steps[i]));
		fuzz_seed(steps[i], buf, 4 + strlen(steps[i]));
	}
	fuzz_db_make(&from, (const uint8_t *)"abcd", 4);
	fuzz_db_make(&to, (const uint8_t *)"aX", 2);
	fd = memfd_create("delta", MFD_CLOEXEC);
	n = fuzz_db_step(fd, 0, &from, &to);
	buf[0] = RAW;
	must(pread(fd, buf + 1, (size_t)n, 0) == (ssize_t)n);
	fuzz_seed("step", buf, 1 + (size_t)n);
	pages_unref(from.table);
	pages_unref(to.table);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return fuzz_seeds(make_seeds);
}
