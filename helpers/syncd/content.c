/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "content.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "cleanup.h"

int tick(const struct tick *t)
{
	return t && t->fn ? t->fn(t->arg) : 0;
}

int content_read(int fd, void *buf, size_t len, uint64_t at)
{
	uint8_t *p = buf;
	ssize_t n;

	while (len > 0) {
		n = pread(fd, p, len, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return -ESTALE;
		p += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

int content_write(int fd, const void *buf, size_t len, uint64_t at)
{
	const uint8_t *p = buf;
	ssize_t n;

	while (len > 0) {
		n = pwrite(fd, p, len, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

int content_copy(int from, uint64_t from_at, uint64_t len, int to,
    uint64_t to_at, uint8_t sum[SHA_LEN], const struct tick *t)
{
	size_t room = len < CONTENT_BUFFER ? (size_t)len : CONTENT_BUFFER;
	CLEANUP_FREE uint8_t *buf = malloc(room ? room : 1);
	struct sha sha;
	int rc = 0, end;

	if (!buf)
		return -ENOMEM;
	sha_begin(&sha);
	while (len > 0 && rc == 0) {
		size_t n = len < room ? (size_t)len : room;

		rc = content_read(from, buf, n, from_at);
		if (rc < 0)
			break;
		sha_add(&sha, buf, n);
		if (to >= 0)
			rc = content_write(to, buf, n, to_at);
		from_at += n;
		to_at += n;
		len -= n;
		if (rc == 0)
			rc = tick(t);
	}
	end = sha_end(&sha, sum);
	return rc < 0 ? rc : end;
}
