/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_WAKER_H
#define ODS_WAKER_H

#include <stdbool.h>

/* How one thread tells another that there is something to look at, or that
 * it has to end.  The other one polls FD among its own descriptors. */
struct waker {
	int fd;
	int stop; /* by __atomic only */
};

int waker_open(struct waker *w); /* 0 or a negative errno */
void waker_close(struct waker *w);
void waker_wake(const struct waker *w);
void waker_stop(struct waker *w);
bool waker_stopped(const struct waker *w);
void waker_drain(const struct waker *w);

/* Sleep until woken, at most MS; -ECANCELED when stopped, else 0. */
int waker_sleep(const struct waker *w, int ms);

#endif
