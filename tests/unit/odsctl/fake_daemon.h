/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* A daemon's control socket in a thread: it answers each connection with a
 * script of pieces, sent one by one so that frames arrive split. */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct piece {
	const void *data;
	size_t len;
};

struct fake_daemon {
	char path[64];
	int listener;
	pthread_t thread;
	struct piece script[16];
	int pieces;
	int pause_ms;   /* between pieces */
	bool hold_open; /* after the last piece, instead of closing */
	bool endless;   /* send the last piece again and again */
	char request[2048];
	size_t request_len;
};

static inline void *fake_serve(void *arg)
{
	struct fake_daemon *f = arg;
	int fd = accept(f->listener, NULL, NULL);
	ssize_t n;
	int i;

	if (fd < 0)
		return NULL;
	n = recv(fd, f->request, sizeof(f->request) - 1, 0);
	f->request_len = n > 0 ? (size_t)n : 0;
	for (i = 0; i < f->pieces; i++) {
		if (send(fd, f->script[i].data, f->script[i].len,
		        MSG_NOSIGNAL) < 0)
			break;
		usleep((useconds_t)f->pause_ms * 1000);
	}
	while (f->endless &&
	       send(fd, f->script[0].data, f->script[0].len, MSG_NOSIGNAL) > 0)
		;
	if (f->hold_open)
		while (recv(fd, f->request + n, 1, 0) > 0)
			;
	close(fd);
	return NULL;
}

static inline void fake_listen(struct fake_daemon *f)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};

	memset(f, 0, sizeof(*f));
	snprintf(
	    f->path, sizeof(f->path), "/tmp/odsctl_%ld.sock", (long)getpid());
	unlink(f->path);
	memcpy(sa.sun_path, f->path, sizeof(f->path));
	f->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	if (bind(f->listener, (struct sockaddr *)&sa, sizeof(sa)) < 0 ||
	    listen(f->listener, 5) < 0)
		abort();
}

static inline void fake_start(struct fake_daemon *f)
{
	if (pthread_create(&f->thread, NULL, fake_serve, f) != 0)
		abort();
}

static inline void fake_stop(struct fake_daemon *f)
{
	shutdown(f->listener, SHUT_RDWR);
	pthread_join(f->thread, NULL);
	close(f->listener);
	unlink(f->path);
}
