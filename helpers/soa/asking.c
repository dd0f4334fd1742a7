/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "asking.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "deadline.h"
#include "question.h"

#define BATCH 64
#define WAIT_MS 1000
#define TRIES 2
#define ADDRESSES_MAX 4 /* of one server */

struct server {
	char name[256];
	bool is_address; /* no look-up */
	struct sockaddr_storage address[ADDRESSES_MAX];
	bool silent[ADDRESSES_MAX];
	int addresses;
};

struct task {
	char zone[256];
	size_t server;
	int address;
	uint16_t id;
	bool answered;
};

struct asking {
	int port;
	struct server *server;
	size_t servers, server_room;
	struct task *task;
	size_t tasks, task_room;
	int fd[2]; /* IPv4, IPv6 */
};

struct asking *asking_new(void)
{
	struct asking *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->port = 53;
	a->fd[0] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	a->fd[1] = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return a;
}

void asking_port(struct asking *a, int port)
{
	a->port = port;
}

void asking_free(struct asking *a)
{
	size_t i;

	if (!a)
		return;
	for (i = 0; i < 2; i++)
		if (a->fd[i] >= 0)
			close(a->fd[i]);
	free(a->task);
	free(a->server);
	free(a);
}

/* Room for one more of them; NULL. */
static void *grow(void *list, size_t count, size_t *room, size_t each)
{
	void *more;

	if (count < *room)
		return list;
	more = realloc(list, (*room ? *room * 2 : 16) * each);
	if (more)
		*room = *room ? *room * 2 : 16;
	return more;
}

static bool set_address(struct server *s, const struct sockaddr *address)
{
	size_t len = address->sa_family == AF_INET6
	                 ? sizeof(struct sockaddr_in6)
	                 : sizeof(struct sockaddr_in);

	if (s->addresses == ADDRESSES_MAX)
		return false;
	memcpy(&s->address[s->addresses++], address, len);
	return true;
}

static void look_up(struct server *s, int flags)
{
	struct addrinfo want = {.ai_socktype = SOCK_DGRAM, .ai_flags = flags};
	struct addrinfo *found = NULL, *at;

	if (s->addresses > 0 || getaddrinfo(s->name, NULL, &want, &found) != 0)
		return;
	for (at = found; at && set_address(s, at->ai_addr); at = at->ai_next)
		;
	freeaddrinfo(found);
}

/* Its number, or -1. */
static long server_number(struct asking *a, const char *name)
{
	struct server *s;
	void *more;
	size_t i;

	for (i = 0; i < a->servers; i++)
		if (strcmp(a->server[i].name, name) == 0)
			return (long)i;
	more = grow(a->server, a->servers, &a->server_room, sizeof(*s));
	if (!more || strlen(name) >= sizeof(s->name))
		return -1;
	a->server = more;
	s = &a->server[a->servers];
	memset(s, 0, sizeof(*s));
	strcpy(s->name, name);
	look_up(s, AI_NUMERICHOST);
	s->is_address = s->addresses > 0;
	return (long)a->servers++;
}

static int add_task(
    struct asking *a, const char *zone, size_t server, int address)
{
	struct task t = {.server = server, .address = address};
	void *more;

	/* ZONE may be one of another task, which moves. */
	snprintf(t.zone, sizeof(t.zone), "%s", zone);
	more = grow(a->task, a->tasks, &a->task_room, sizeof(*a->task));
	if (!more)
		return -ENOMEM;
	a->task = more;
	a->task[a->tasks++] = t;
	return 0;
}

int asking_add(struct asking *a, const char *zone, const char *server)
{
	uint8_t buf[QUESTION_MAX];
	long n;

	if (question_make(zone, 0, buf) < 0)
		return -EINVAL;
	n = server_number(a, server);
	return n < 0 ? -ENOMEM : add_task(a, zone, (size_t)n, 0);
}

static struct sockaddr_storage *address_of(struct asking *a, struct task *t)
{
	return &a->server[t->server].address[t->address];
}

static socklen_t with_port(struct sockaddr_storage *address, int port)
{
	if (address->ss_family == AF_INET6) {
		((struct sockaddr_in6 *)address)->sin6_port =
		    htons((uint16_t)port);
		return sizeof(struct sockaddr_in6);
	}
	((struct sockaddr_in *)address)->sin_port = htons((uint16_t)port);
	return sizeof(struct sockaddr_in);
}

static void send_one(struct asking *a, struct task *t)
{
	struct sockaddr_storage *to = address_of(a, t);
	uint8_t buf[QUESTION_MAX];
	socklen_t size = with_port(to, a->port);
	int len;

	if (getrandom(&t->id, sizeof(t->id), 0) < 0)
		return;
	len = question_make(t->zone, t->id, buf);
	if (len > 0 && sendto(a->fd[to->ss_family == AF_INET6], buf,
	                   (size_t)len, 0, (struct sockaddr *)to, size) < 0)
		return; /* it is silent */
}

static bool same_address(
    const struct sockaddr_storage *x, const struct sockaddr_storage *y)
{
	const struct sockaddr_in *x4 = (const void *)x, *y4 = (const void *)y;
	const struct sockaddr_in6 *x6 = (const void *)x, *y6 = (const void *)y;

	if (x->ss_family != y->ss_family)
		return false;
	if (x->ss_family == AF_INET6)
		return x6->sin6_port == y6->sin6_port &&
		       memcmp(&x6->sin6_addr, &y6->sin6_addr,
		           sizeof(x6->sin6_addr)) == 0;
	return x4->sin_port == y4->sin_port &&
	       x4->sin_addr.s_addr == y4->sin_addr.s_addr;
}

static void tell(struct asking *a, struct task *t, uint32_t serial, FILE *out)
{
	char text[INET6_ADDRSTRLEN] = "?";
	struct sockaddr_storage *from = address_of(a, t);
	const void *raw =
	    from->ss_family == AF_INET6
	        ? (void *)&((struct sockaddr_in6 *)from)->sin6_addr
	        : (void *)&((struct sockaddr_in *)from)->sin_addr;

	inet_ntop(from->ss_family, raw, text, sizeof(text));
	fprintf(out, "%s %u %s\n", t->zone, serial, text);
	fflush(out);
	t->answered = true;
}

/* One datagram; true when it was an answer to one of those. */
static bool take_one(
    struct asking *a, int fd, struct task **batch, size_t count, FILE *out)
{
	struct sockaddr_storage from = {0};
	socklen_t size = sizeof(from);
	uint8_t buf[ANSWER_MAX];
	uint32_t serial;
	size_t i;
	ssize_t n = recvfrom(fd, buf, sizeof(buf), MSG_DONTWAIT,
	    (struct sockaddr *)&from, &size);

	for (i = 0; n > 0 && i < count; i++) {
		struct task *t = batch[i];

		if (t->answered || !same_address(&from, address_of(a, t)) ||
		    question_answer(t->zone, t->id, buf, (size_t)n, &serial) <
		        0)
			continue;
		tell(a, t, serial, out);
		return true;
	}
	return false;
}

/* Ask those of the batch that have not answered, and wait for them. */
static void ask_once(
    struct asking *a, struct task **batch, size_t count, FILE *out)
{
	struct deadline limit = deadline_in_ms(WAIT_MS);
	size_t i, open = 0;
	int left;

	for (i = 0; i < count; i++)
		if (!batch[i]->answered) {
			send_one(a, batch[i]);
			open++;
		}
	while (open > 0 && (left = deadline_left_ms(limit)) > 0) {
		struct pollfd pfd[2] = {
		    {.fd = a->fd[0], .events = POLLIN},
		    {.fd = a->fd[1], .events = POLLIN},
		};

		if (poll(pfd, 2, left) <= 0)
			continue;
		for (i = 0; i < 2; i++)
			if (pfd[i].revents)
				open -=
				    take_one(a, pfd[i].fd, batch, count, out);
	}
}

/* A server with nothing but silence in this batch. */
static void note_silent(struct asking *a, struct task **batch, size_t count)
{
	size_t i, k;

	for (i = 0; i < count; i++) {
		struct task *t = batch[i];
		bool any = false;

		for (k = 0; k < count && !any; k++)
			any = batch[k]->server == t->server &&
			      batch[k]->address == t->address &&
			      batch[k]->answered;
		if (!any)
			a->server[t->server].silent[t->address] = true;
	}
}

static void ask_batch(
    struct asking *a, struct task **batch, size_t count, FILE *out)
{
	int i;

	for (i = 0; i < TRIES; i++)
		ask_once(a, batch, count, out);
	note_silent(a, batch, count);
}

/* Those whose servers are addresses, or those whose are names. */
static void ask_all(struct asking *a, bool addresses, FILE *out)
{
	struct task *batch[BATCH];
	size_t i, count = 0;

	for (i = 0; i < a->tasks; i++) {
		struct task *t = &a->task[i];
		const struct server *s = &a->server[t->server];

		if (s->is_address != addresses || t->address >= s->addresses ||
		    s->silent[t->address])
			continue;
		batch[count++] = t;
		if (count == BATCH) {
			ask_batch(a, batch, count, out);
			count = 0;
		}
	}
	ask_batch(a, batch, count, out);
}

/* A name has several: a task for each of the others. */
static int spread(struct asking *a)
{
	size_t i, tasks = a->tasks;
	int k, rc = 0;

	for (i = 0; i < a->servers; i++)
		look_up(&a->server[i], 0);
	for (i = 0; rc == 0 && i < tasks; i++) {
		size_t server = a->task[i].server;

		for (k = 1; rc == 0 && k < a->server[server].addresses; k++)
			rc = add_task(a, a->task[i].zone, server, k);
	}
	return rc;
}

int asking_run(struct asking *a, FILE *out)
{
	int rc;

	ask_all(a, true, out);
	rc = spread(a);
	ask_all(a, false, out);
	return rc;
}
