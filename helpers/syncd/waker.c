/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "waker.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

int waker_open(struct waker *w)
{
	w->stop = 0;
	w->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return w->fd < 0 ? -errno : 0;
}

void waker_close(struct waker *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
}

void waker_wake(const struct waker *w)
{
	uint64_t one = 1;
	ssize_t n = write(w->fd, &one, sizeof(one));

	(void)n; /* full = it will wake anyhow */
}

void waker_stop(struct waker *w)
{
	__atomic_store_n(&w->stop, 1, __ATOMIC_RELEASE);
	waker_wake(w);
}

bool waker_stopped(const struct waker *w)
{
	return __atomic_load_n(&w->stop, __ATOMIC_ACQUIRE) != 0;
}

void waker_drain(const struct waker *w)
{
	uint64_t count;
	ssize_t n = read(w->fd, &count, sizeof(count));

	(void)n;
}

int waker_sleep(const struct waker *w, int ms)
{
	struct pollfd p = {.fd = w->fd, .events = POLLIN};

	if (poll(&p, 1, ms) > 0)
		waker_drain(w);
	return waker_stopped(w) ? -ECANCELED : 0;
}
