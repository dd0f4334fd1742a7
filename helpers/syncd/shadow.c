/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "shadow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "pagedelta.h"
#include "redo.h"

#define PART "shadow"
#define WAIT_FIRST_MS 60000
#define WAIT_MAX_MS (16 * 60000)

static int nameless(const char *state_dir, struct why *why)
{
	int fd = redo_part(state_dir, PART, why);

	if (fd >= 0)
		redo_unlink_part(state_dir, PART);
	return fd;
}

static int begin(const char *state_dir, const struct cut *cut, struct why *why)
{
	CLEANUP_CLOSE int fd = nameless(state_dir, why);
	uint8_t sum[SHA_LEN];
	int rc;

	if (fd < 0)
		return fd;
	rc = pages_copy(cut->fd, cut->db_at, cut->db_len, cut->pages->size, fd,
	    0, sum, NULL);
	if (rc == 0 && memcmp(sum, cut->pages->sum, SHA_LEN) != 0)
		rc = -EIO;
	return rc < 0 ? rc : steal_fd(&fd);
}

struct target {
	int fd;
	uint32_t size;
};

static int put_page(const struct delta_page *page, void *arg)
{
	const struct target *to = arg;

	return content_write(to->fd, page->content, to->size,
	    (uint64_t)(page->number - 1) * to->size);
}

static int step(int fd, const struct cut *cut)
{
	const struct delta d = {
	    .fd = cut->fd, .at = cut->db_at, .len = cut->db_len};
	struct target to = {.fd = fd, .size = cut->pages->size};
	uint64_t size = (uint64_t)cut->pages->count * cut->pages->size;
	int rc = fd < 0 ? -ENOENT : delta_each(&d, put_page, &to, NULL);

	if (rc == 0 && ftruncate(fd, (off_t)size) < 0)
		rc = -errno;
	return rc;
}

int shadow_follow(
    const char *state_dir, int fd, const struct cut *cut, struct why *why)
{
	int rc = cut->db_whole ? begin(state_dir, cut, why) : step(fd, cut);

	if (rc < 0 && !why->text[0])
		why_set(why, rc, "cannot copy the database for joiners: %s",
		    strerror(-rc));
	return rc < 0 || cut->db_whole ? rc : fd;
}

int shadow_wait_ms(int before_ms)
{
	if (before_ms < WAIT_FIRST_MS)
		return WAIT_FIRST_MS;
	return before_ms < WAIT_MAX_MS / 2 ? 2 * before_ms : WAIT_MAX_MS;
}

/* A table of TIP's form with what OLD has in common with it. */
static struct page_table *reshape(
    const struct page_table *old, const struct page_table *tip)
{
	struct page_table *t = pages_new(tip->size, tip->count);
	uint32_t n;

	if (!t || !old || old->size != tip->size)
		return t;
	n = old->count < tip->count ? old->count : tip->count;
	memcpy(t->hash, old->hash, (size_t)n * PAGE_HASH_LEN);
	return t;
}

static bool is_usable(
    const struct page_table *theirs, const struct page_table *tip)
{
	return theirs && theirs->size == tip->size;
}

static bool has(const struct page_table *t, uint32_t i, const page_hash_t hash)
{
	return i < t->count && memcmp(t->hash[i], hash, PAGE_HASH_LEN) == 0;
}

static int take_page(struct shadow_copy *copy, int shadow, uint32_t i,
    uint8_t *buf, const page_hash_t want)
{
	uint64_t at = (uint64_t)i * copy->have->size;
	size_t size = copy->have->size;
	page_hash_t hash;
	int rc = content_read(shadow, buf, size, at);

	if (rc < 0)
		return rc;
	page_hash(i + 1, buf, size, hash);
	if (memcmp(hash, want, PAGE_HASH_LEN) != 0)
		return -ESTALE;
	rc = content_write(copy->fd, buf, size, at);
	if (rc == 0)
		memcpy(copy->have->hash[i], hash, PAGE_HASH_LEN);
	return rc;
}

int shadow_take(struct shadow_copy *copy, int shadow,
    const struct page_table *tip, const struct page_table *theirs,
    const struct tick *t)
{
	struct page_table *have = reshape(copy->have, tip);
	uint8_t buf[PAGE_SIZE_MAX];
	uint32_t i, stale = 0;
	int rc;

	if (!have)
		return -ENOMEM;
	pages_unref(copy->have);
	copy->have = have;
	if (!is_usable(theirs, tip))
		theirs = NULL;
	for (i = 0; i < tip->count; i++) {
		if (has(have, i, tip->hash[i]) ||
		    (theirs && has(theirs, i, tip->hash[i])))
			continue;
		rc = take_page(copy, shadow, i, buf, tip->hash[i]);
		if (rc == 0)
			rc = tick(t);
		if (rc < 0 && rc != -ESTALE)
			return rc;
		stale += rc == -ESTALE;
	}
	return stale ? -ESTALE : 0;
}

static int put_delta(const struct shadow_copy *copy,
    const struct page_table *tip, const struct page_table *theirs,
    struct genwriter *w, const struct entry *e, const struct tick *t)
{
	uint8_t buf[PAGE_SIZE_MAX];
	struct deltawriter d;
	uint64_t len;
	uint32_t i;
	int rc = 0;

	deltawriter_begin(&d, w->fd, genwriter_content(w, e), theirs);
	for (i = 0; rc == 0 && i < tip->count; i++) {
		if (has(theirs, i, tip->hash[i]))
			continue;
		rc = content_read(
		    copy->fd, buf, tip->size, (uint64_t)i * tip->size);
		if (rc == 0)
			rc = deltawriter_add(&d, i + 1, buf);
		if (rc == 0)
			rc = tick(t);
	}
	if (rc == 0)
		rc = deltawriter_end(&d, tip->count, &len);
	return rc < 0 ? rc : genwriter_add(w, CHANGE_PAGES, e, len);
}

int shadow_put(const struct shadow_copy *copy, const struct page_table *tip,
    const struct page_table *theirs, struct genwriter *w, const struct entry *e,
    const struct tick *t)
{
	uint8_t sum[SHA_LEN];
	int rc;

	if (is_usable(theirs, tip))
		return put_delta(copy, tip, theirs, w, e, t);
	rc = gen_content_copy(
	    e, copy->fd, 0, w->fd, genwriter_content(w, e), sum, t);
	if (rc == 0 && memcmp(sum, e->sha, SHA_LEN) != 0)
		rc = -EIO;
	return rc < 0 ? rc : genwriter_add(w, CHANGE_WHOLE, e, e->size);
}

void shadow_copy_drop(struct shadow_copy *copy)
{
	if (copy->fd >= 0)
		close(copy->fd);
	pages_unref(copy->have);
	*copy = (struct shadow_copy){.fd = -1};
}
