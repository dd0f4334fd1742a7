/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "pagedelta.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "wire.h"

static const page_hash_t no_hash;

static uint32_t gone(const struct delta_head *h)
{
	return h->before > h->after ? h->before - h->after : 0;
}

uint64_t delta_len(const struct delta_head *h)
{
	return DELTA_HEAD_LEN +
	       (uint64_t)h->changed * (DELTA_PAGE_LEN + h->size) +
	       (uint64_t)gone(h) * PAGE_HASH_LEN;
}

void delta_head_encode(const struct delta_head *h, uint8_t buf[DELTA_HEAD_LEN])
{
	struct wire_writer w;

	wire_write_begin(&w, buf, DELTA_HEAD_LEN);
	wire_put_u32(&w, h->size);
	wire_put_u32(&w, h->before);
	wire_put_u32(&w, h->after);
	wire_put_u32(&w, h->changed);
	wire_put_bytes(&w, h->from, SHA_LEN);
}

int delta_head_decode(const uint8_t *buf, size_t len, struct delta_head *h)
{
	struct page_sum from;
	struct wire_reader r;

	wire_read_begin(&r, buf, len);
	h->size = wire_get_u32(&r);
	h->before = wire_get_u32(&r);
	h->after = wire_get_u32(&r);
	h->changed = wire_get_u32(&r);
	wire_get_bytes(&r, h->from, SHA_LEN);
	if (!page_size_sound(h->size) || h->after == 0 ||
	    h->changed > h->after ||
	    !page_sum_decode(h->from, (uint64_t)h->before * h->size, &from) ||
	    from.size != h->size)
		wire_read_fail(&r);
	return wire_read_end(&r);
}

void deltawriter_begin(
    struct deltawriter *w, int fd, uint64_t at, const struct page_table *from)
{
	w->fd = fd;
	w->at = at;
	w->end = at + DELTA_HEAD_LEN;
	w->from = from;
	w->changed = 0;
}

int deltawriter_add(struct deltawriter *w, uint32_t number, const void *page)
{
	size_t len = DELTA_PAGE_LEN + w->from->size;
	struct wire_writer out;
	int rc;

	wire_write_begin(&out, w->buf, sizeof(w->buf));
	wire_put_u32(&out, number);
	wire_put_bytes(&out,
	    number <= w->from->count ? w->from->hash[number - 1] : no_hash,
	    PAGE_HASH_LEN);
	wire_put_bytes(&out, page, w->from->size);
	rc = out.err ? out.err : content_write(w->fd, w->buf, len, w->end);
	w->end += len;
	w->changed++;
	return rc;
}

int deltawriter_end(struct deltawriter *w, uint32_t after, uint64_t *len)
{
	struct delta_head h = {.size = w->from->size,
	    .before = w->from->count,
	    .after = after,
	    .changed = w->changed};
	uint8_t head[DELTA_HEAD_LEN];
	int rc = 0;

	memcpy(h.from, w->from->sum, SHA_LEN);
	delta_head_encode(&h, head);
	if (gone(&h) > 0)
		rc = content_write(w->fd, w->from->hash + after,
		    (size_t)gone(&h) * PAGE_HASH_LEN, w->end);
	if (rc == 0)
		rc = content_write(w->fd, head, sizeof(head), w->at);
	*len = delta_len(&h);
	return rc;
}

int delta_open(const struct delta *d, struct delta_head *h)
{
	uint8_t head[DELTA_HEAD_LEN];
	int rc = d->len < sizeof(head)
	             ? -EBADMSG
	             : content_read(d->fd, head, sizeof(head), d->at);

	if (rc == 0)
		rc = delta_head_decode(head, sizeof(head), h);
	if (rc == 0 && delta_len(h) != d->len)
		rc = -EBADMSG;
	return rc == -ESTALE ? -EBADMSG : rc;
}

static int take_page(const struct delta_head *h, const uint8_t *buf,
    uint32_t last, struct delta_page *page)
{
	struct wire_reader r;

	wire_read_begin(&r, buf, DELTA_PAGE_LEN);
	page->number = wire_get_u32(&r);
	wire_get_bytes(&r, page->before, PAGE_HASH_LEN);
	page->content = buf + DELTA_PAGE_LEN;
	if (page->number <= last || page->number > h->after ||
	    (page->number > h->before &&
	        memcmp(page->before, no_hash, PAGE_HASH_LEN) != 0))
		wire_read_fail(&r);
	page_hash(page->number, page->content, h->size, page->after);
	return wire_read_end(&r);
}

int delta_each(
    const struct delta *d, delta_page_fn *fn, void *arg, const struct tick *t)
{
	CLEANUP_FREE uint8_t *buf = malloc(DELTA_PAGE_LEN + PAGE_SIZE_MAX);
	uint64_t at = d->at + DELTA_HEAD_LEN;
	struct delta_page page = {0};
	struct delta_head h;
	uint32_t i, last = 0;
	int rc;

	if (!buf)
		return -ENOMEM;
	rc = delta_open(d, &h);
	for (i = 0; rc == 0 && i < h.changed; i++) {
		rc = content_read(d->fd, buf, DELTA_PAGE_LEN + h.size, at);
		if (rc == 0)
			rc = take_page(&h, buf, last, &page);
		if (rc == -ESTALE)
			rc = -EBADMSG;
		if (rc == 0)
			rc = fn(&page, arg);
		if (rc == 0)
			rc = tick(t);
		last = page.number;
		at += DELTA_PAGE_LEN + h.size;
	}
	return rc;
}

struct proof {
	page_hash_t xor ;
};

static int add_to_proof(const struct delta_page *page, void *arg)
{
	struct proof *p = arg;

	page_hash_xor(p->xor, page->before);
	page_hash_xor(p->xor, page->after);
	return 0;
}

static int add_gone(
    const struct delta *d, const struct delta_head *h, struct proof *p)
{
	uint64_t at = d->at + d->len - (uint64_t)gone(h) * PAGE_HASH_LEN;
	page_hash_t hash[256];
	uint32_t left = gone(h), n, i;
	int rc = 0;

	for (; rc == 0 && left > 0; left -= n) {
		n = left < 256 ? left : 256;
		rc = content_read(d->fd, hash, n * PAGE_HASH_LEN, at);
		for (i = 0; rc == 0 && i < n; i++)
			page_hash_xor(p->xor, hash[i]);
		at += n * PAGE_HASH_LEN;
	}
	return rc == -ESTALE ? -EBADMSG : rc;
}

int delta_verify(const struct delta *d, const uint8_t to[SHA_LEN], uint64_t len,
    const struct tick *t)
{
	struct page_sum from, want;
	struct proof p = {0};
	struct delta_head h;
	int rc = delta_open(d, &h);

	if (rc < 0)
		return rc;
	if (!page_sum_decode(h.from, (uint64_t)h.before * h.size, &from) ||
	    !page_sum_decode(to, len, &want) || want.size != h.size ||
	    want.count != h.after)
		return -EBADMSG;
	memcpy(p.xor, from.xor, PAGE_HASH_LEN);
	rc = delta_each(d, add_to_proof, &p, t);
	if (rc == 0)
		rc = add_gone(d, &h, &p);
	if (rc == 0 && memcmp(p.xor, want.xor, PAGE_HASH_LEN) != 0)
		rc = -EBADMSG;
	return rc;
}
