/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "pages.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "cleanup.h"
#include "content.h"
#include "wire.h"

/* https://www.sqlite.org/fileformat2.html, 1.3 */
#define HEADER_LEN 100
#define HEADER_PAGE_SIZE 16

static const char magic[16] = "SQLite format 3";

void page_sum_encode(const struct page_sum *s, uint8_t sum[SHA_LEN])
{
	struct wire_writer w;

	memset(sum, 0, SHA_LEN);
	wire_write_begin(&w, sum, SHA_LEN);
	wire_put_u32(&w, s->size);
	wire_put_u32(&w, s->count);
	wire_put_bytes(&w, s->xor, PAGE_HASH_LEN);
}

bool page_size_sound(uint32_t size)
{
	return size >= 512 && size <= PAGE_SIZE_MAX && (size & (size - 1)) == 0;
}

bool page_sum_decode(
    const uint8_t sum[SHA_LEN], uint64_t len, struct page_sum *s)
{
	struct wire_reader r;

	wire_read_begin(&r, sum, SHA_LEN);
	s->size = wire_get_u32(&r);
	s->count = wire_get_u32(&r);
	wire_get_bytes(&r, s->xor, PAGE_HASH_LEN);
	return wire_get_u64(&r) == 0 && page_size_sound(s->size) &&
	       s->count > 0 && (uint64_t)s->size * s->count == len;
}

void page_hash(uint32_t number, const void *page, size_t size, page_hash_t hash)
{
	XXH128_hash_t h = XXH3_128bits_withSeed(page, size, number);
	XXH128_canonical_t canonical;

	XXH128_canonicalFromHash(&canonical, h);
	memcpy(hash, canonical.digest, PAGE_HASH_LEN);
}

void page_hash_xor(page_hash_t to, const page_hash_t with)
{
	int i;

	for (i = 0; i < PAGE_HASH_LEN; i++)
		to[i] ^= with[i];
}

struct page_table *pages_new(uint32_t size, uint32_t count)
{
	struct page_table *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->refs = 1;
	t->size = size;
	t->count = count;
	t->hash = calloc(count ? count : 1, sizeof(*t->hash));
	if (!t->hash) {
		free(t);
		return NULL;
	}
	return t;
}

void pages_seal(struct page_table *t)
{
	struct page_sum s = {.size = t->size, .count = t->count};
	uint32_t i;

	for (i = 0; i < t->count; i++)
		page_hash_xor(s.xor, t->hash[i]);
	page_sum_encode(&s, t->sum);
}

struct page_table *pages_ref(struct page_table *t)
{
	if (t)
		__atomic_add_fetch(&t->refs, 1, __ATOMIC_RELAXED);
	return t;
}

void pages_unref(struct page_table *t)
{
	if (!t || __atomic_sub_fetch(&t->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	free(t->hash);
	free(t);
}

/* Hash what lies at FROM_AT into T, whose count says how much, and copy it
 * (TO >= 0). */
static int hash_all(struct page_table *t, int from, uint64_t from_at, int to,
    uint64_t to_at, const struct tick *tk)
{
	CLEANUP_FREE uint8_t *buf = malloc(CONTENT_BUFFER);
	uint32_t done = 0, at_once = CONTENT_BUFFER / t->size, n, i;
	int rc = buf ? 0 : -ENOMEM;

	while (rc == 0 && done < t->count) {
		uint64_t at = (uint64_t)done * t->size;

		n = t->count - done < at_once ? t->count - done : at_once;
		rc = content_read(from, buf, (size_t)n * t->size, from_at + at);
		for (i = 0; rc == 0 && i < n; i++)
			page_hash(done + i + 1, buf + (size_t)i * t->size,
			    t->size, t->hash[done + i]);
		if (rc == 0 && to >= 0)
			rc = content_write(
			    to, buf, (size_t)n * t->size, to_at + at);
		done += n;
		if (rc == 0)
			rc = tick(tk);
	}
	return rc;
}

int pages_copy(int from, uint64_t from_at, uint64_t len, uint32_t size, int to,
    uint64_t to_at, uint8_t sum[SHA_LEN], const struct tick *tk)
{
	struct page_table *t;
	int rc;

	if (!page_size_sound(size) || len % size != 0 ||
	    len / size > UINT32_MAX)
		return -EINVAL;
	t = pages_new(size, (uint32_t)(len / size));
	if (!t)
		return -ENOMEM;
	rc = hash_all(t, from, from_at, to, to_at, tk);
	pages_seal(t);
	memcpy(sum, t->sum, SHA_LEN);
	pages_unref(t);
	return rc;
}

static uint32_t page_size_of(int fd, uint64_t len)
{
	uint8_t head[HEADER_LEN];
	uint32_t size;

	if (len < HEADER_LEN || content_read(fd, head, sizeof(head), 0) < 0 ||
	    memcmp(head, magic, sizeof(magic)) != 0)
		return 0;
	size =
	    (uint32_t)head[HEADER_PAGE_SIZE] << 8 | head[HEADER_PAGE_SIZE + 1];
	if (size == 1)
		size = PAGE_SIZE_MAX;
	if (!page_size_sound(size) || len % size != 0 ||
	    len / size > UINT32_MAX)
		return 0;
	return size;
}

static int sum_of_rubbish(
    int fd, uint64_t len, uint8_t sum[SHA_LEN], const struct tick *tk)
{
	uint8_t sha[SHA_LEN];
	int rc = content_copy(fd, 0, len, -1, 0, sha, tk);

	memset(sum, 0, 4);
	memcpy(sum + 4, sha, SHA_LEN - 4);
	return rc;
}

int pages_of_file(int fd, uint64_t len, struct page_table **table,
    uint8_t sum[SHA_LEN], const struct tick *tk)
{
	uint32_t size = page_size_of(fd, len);
	struct page_table *t;
	int rc;

	*table = NULL;
	if (size == 0)
		return sum_of_rubbish(fd, len, sum, tk);
	t = pages_new(size, (uint32_t)(len / size));
	if (!t)
		return -ENOMEM;
	rc = hash_all(t, fd, 0, -1, 0, tk);
	if (rc < 0) {
		pages_unref(t);
		return rc;
	}
	pages_seal(t);
	memcpy(sum, t->sum, SHA_LEN);
	*table = t;
	return 0;
}
