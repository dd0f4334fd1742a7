/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "mailbox.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct mail {
	struct mail *next;
	mail_fn fn;
	void *arg;
};

struct mailbox {
	pthread_mutex_t lock;
	struct mail *first, **last;
	void *owner;
	int fd;
};

struct mailbox *mailbox_open(void *owner)
{
	struct mailbox *mb = calloc(1, sizeof(*mb));

	if (!mb)
		return NULL;
	mb->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (mb->fd < 0) {
		free(mb);
		return NULL;
	}
	pthread_mutex_init(&mb->lock, NULL);
	mb->last = &mb->first;
	mb->owner = owner;
	return mb;
}

void mailbox_close(struct mailbox *mb)
{
	struct mail *m;

	if (!mb)
		return;
	while ((m = mb->first)) {
		mb->first = m->next;
		free(m->arg);
		free(m);
	}
	close(mb->fd);
	pthread_mutex_destroy(&mb->lock);
	free(mb);
}

int mailbox_fd(struct mailbox *mb)
{
	return mb->fd;
}

void mailbox_post(struct mailbox *mb, mail_fn fn, void *arg)
{
	struct mail *m = calloc(1, sizeof(*m));
	uint64_t one = 1;

	if (!m)
		abort();
	m->fn = fn;
	m->arg = arg;
	pthread_mutex_lock(&mb->lock);
	*mb->last = m;
	mb->last = &m->next;
	pthread_mutex_unlock(&mb->lock);
	if (write(mb->fd, &one, sizeof(one)) < 0)
		return; /* the counter is full: it is readable anyway */
}

void mailbox_run(struct mailbox *mb)
{
	struct mail *m, *next;
	uint64_t count;

	if (read(mb->fd, &count, sizeof(count)) < 0)
		return;
	pthread_mutex_lock(&mb->lock);
	m = mb->first;
	mb->first = NULL;
	mb->last = &mb->first;
	pthread_mutex_unlock(&mb->lock);
	for (; m; m = next) {
		next = m->next;
		m->fn(mb->owner, m->arg);
		free(m);
	}
}
