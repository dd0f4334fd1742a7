/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "dbpatch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "dblock.h"
#include "deadline.h"

#define LOCK_MS 2000
#define LOCK_RETRY_MS 5

struct patch {
	const struct delta *delta;
	struct delta_head head;
	int fd;
	uint8_t *buf;
	struct page_table *table; /* of what will be, for check_whole() */
	bool odd;                 /* a page is neither as before nor as after */
};

static uint64_t place(const struct patch *p, uint32_t number)
{
	return (uint64_t)(number - 1) * p->head.size;
}

int dbpatch_lock(int fd, const struct tick *t, struct why *why)
{
	struct deadline d = deadline_in_ms(LOCK_MS);
	int rc;

	while ((rc = dblock_exclusive(fd)) == -EAGAIN && !deadline_passed(d)) {
		deadline_sleep_ms(d, LOCK_RETRY_MS);
		rc = tick(t);
		if (rc < 0)
			return rc;
	}
	if (rc == -EAGAIN)
		return why_set(why, -EBUSY,
		    "a process uses the database of this standby: stop it");
	return rc;
}

/* A page that was not there before may be there by half. */
static int survey_page(const struct delta_page *page, void *arg)
{
	struct patch *p = arg;
	page_hash_t hash;
	int rc;

	if (page->number > p->head.before)
		return 0;
	rc = content_read(p->fd, p->buf, p->head.size, place(p, page->number));
	if (rc < 0 && rc != -ESTALE)
		return rc;
	page_hash(page->number, p->buf, p->head.size, hash);
	if (rc == -ESTALE || (memcmp(hash, page->before, sizeof(hash)) != 0 &&
	                         memcmp(hash, page->after, sizeof(hash)) != 0))
		p->odd = true;
	return 0;
}

static int note_page(const struct delta_page *page, void *arg)
{
	struct patch *p = arg;

	memcpy(p->table->hash[page->number - 1], page->after, PAGE_HASH_LEN);
	return 0;
}

/* Would it be the right database with these pages in it? */
static int check_whole(
    struct patch *p, const uint8_t to[SHA_LEN], const struct tick *t)
{
	uint32_t i;
	int rc = 0;

	p->table = pages_new(p->head.size, p->head.after);
	if (!p->table)
		return -ENOMEM;
	for (i = 0; i < p->head.after && rc == 0; i++) {
		rc = content_read(p->fd, p->buf, p->head.size, place(p, i + 1));
		if (rc == 0)
			page_hash(
			    i + 1, p->buf, p->head.size, p->table->hash[i]);
	}
	if (rc == -ESTALE)
		rc = 0; /* the file ends here: so are its hashes zero */
	if (rc == 0)
		rc = delta_each(p->delta, note_page, p, t);
	if (rc < 0)
		return rc;
	pages_seal(p->table);
	return memcmp(p->table->sum, to, SHA_LEN) == 0 ? 0 : -ESTALE;
}

static int check_size(struct patch *p)
{
	const struct delta_head *h = &p->head;
	uint64_t low = h->before < h->after ? h->before : h->after;
	uint64_t high = h->before < h->after ? h->after : h->before;
	struct stat st;
	uint64_t size;

	if (fstat(p->fd, &st) < 0)
		return -errno;
	size = (uint64_t)st.st_size;
	p->odd = size < low * h->size || size > high * h->size;
	return 0;
}

static int write_page(const struct delta_page *page, void *arg)
{
	const struct patch *p = arg;

	return content_write(
	    p->fd, page->content, p->head.size, place(p, page->number));
}

static int write_pages(struct patch *p, const struct tick *t)
{
	uint64_t size = (uint64_t)p->head.after * p->head.size;
	int rc = delta_each(p->delta, write_page, p, t);

	if (rc == 0 && ftruncate(p->fd, (off_t)size) < 0)
		rc = -errno;
	return rc;
}

static int in_place(
    struct patch *p, const uint8_t to[SHA_LEN], const struct tick *t)
{
	int rc = check_size(p);

	if (rc == 0)
		rc = delta_each(p->delta, survey_page, p, t);
	if (rc == 0 && p->odd)
		rc = check_whole(p, to, t);
	if (rc == 0)
		rc = write_pages(p, t);
	return rc;
}

int dbpatch_in_place(const struct delta *d, int fd, const uint8_t to[SHA_LEN],
    const struct tick *t)
{
	CLEANUP_FREE uint8_t *buf = malloc(PAGE_SIZE_MAX);
	struct patch p = {.delta = d, .fd = fd, .buf = buf};
	int rc = buf ? delta_open(d, &p.head) : -ENOMEM;

	if (rc == 0)
		rc = in_place(&p, to, t);
	pages_unref(p.table);
	return rc;
}

int dbpatch_copy(const struct delta *d, int base, int to,
    const uint8_t want[SHA_LEN], const struct tick *t)
{
	struct patch p = {.delta = d, .fd = to};
	uint8_t sum[SHA_LEN];
	uint64_t len, old;
	struct stat st;
	int rc = delta_open(d, &p.head);

	if (rc == 0 && fstat(base, &st) < 0)
		rc = -errno;
	if (rc < 0)
		return rc;
	len = (uint64_t)p.head.after * p.head.size;
	old = (uint64_t)st.st_size / p.head.size * p.head.size;
	rc = pages_copy(
	    base, 0, old < len ? old : len, p.head.size, to, 0, sum, t);
	if (rc == 0)
		rc = write_pages(&p, t);
	if (rc == 0)
		rc = pages_copy(to, 0, len, p.head.size, -1, 0, sum, t);
	if (rc == 0 && memcmp(sum, want, SHA_LEN) != 0)
		rc = -ESTALE;
	return rc;
}
