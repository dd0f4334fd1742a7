/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cleanup.h"
#include "statefile.h"

#define CONNECT_RETRY_MS 20

/* A full backlog makes a non-blocking connect say EAGAIN: not an error but a
 * daemon that is busy. */
static int connect_retry(
    int fd, const struct sockaddr_un *sa, struct deadline deadline)
{
	while (connect(fd, (const struct sockaddr *)sa, sizeof(*sa)) < 0) {
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return -errno;
		if (deadline_passed(deadline))
			return -ETIMEDOUT;
		deadline_sleep_ms(deadline, CONNECT_RETRY_MS);
	}
	return 0;
}

static int busy(const char *res, int rc, struct why *why)
{
	return why_set(why, rc,
	    "ods-syncd of %s did not answer in time: see its log", res);
}

static int client_connect(
    const char *res, struct deadline deadline, struct why *why)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	CLEANUP_CLOSE int fd = -1;
	int rc = statefile_path(sa.sun_path, sizeof(sa.sun_path), res, "sock");

	if (rc < 0)
		return why_set(why, rc, "resource name %s is too long", res);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return why_set(
		    why, -errno, "cannot make a socket: %s", strerror(errno));
	rc = connect_retry(fd, &sa, deadline);
	if (rc == -ETIMEDOUT)
		return busy(res, rc, why);
	if (rc < 0)
		return why_set(why, rc,
		    "ods-syncd of %s does not answer (%s): is the resource "
		    "started here?",
		    res, strerror(-rc));
	return steal_fd(&fd);
}

static int client_wait(int fd, short events, struct deadline deadline)
{
	struct pollfd pfd = {.fd = fd, .events = events};
	int rc;

	do {
		rc = poll(&pfd, 1, deadline_left_ms(deadline));
	} while (rc < 0 && errno == EINTR);
	if (rc < 0)
		return -errno;
	return rc == 0 ? -ETIMEDOUT : 0;
}

int client_value(const char *reply, const char *key, char *buf, size_t size)
{
	size_t len = strlen(key);
	const char *p;

	for (p = reply; *p && *p != '\n'; p = strchrnul(p, '\n') + 1) {
		size_t line = strcspn(p, "\n");

		if (strncmp(p, key, len) == 0 && p[len] == '=') {
			snprintf(buf, size, "%.*s", (int)(line - len - 1),
			    p + len + 1);
			return 0;
		}
		if (p[line] == '\0')
			break;
	}
	return -ENOENT;
}

/* rc=0 when the daemon is content, its error and sentence otherwise. */
static int reply_verdict(const char *reply, struct why *why)
{
	char rc_text[16], sentence[WHY_MAX] = "";
	int rc;

	if (client_value(reply, "rc", rc_text, sizeof(rc_text)) < 0)
		return why_set(why, -EPROTO, "ods-syncd sent no answer");
	rc = (int)strtol(rc_text, NULL, 10);
	if (rc == 0)
		return 0;
	client_value(reply, "why", sentence, sizeof(sentence));
	return why_set(why, rc, "%s", sentence);
}

int client_ask(const char *res, const char *request, char *reply, size_t size,
    struct deadline deadline, struct why *why)
{
	CLEANUP_CLOSE int fd = client_connect(res, deadline, why);
	ssize_t n;
	int rc;

	if (fd < 0)
		return fd;
	rc = client_wait(fd, POLLOUT, deadline);
	if (rc == 0 && send(fd, request, strlen(request), MSG_NOSIGNAL) < 0)
		rc = -errno;
	if (rc == 0)
		rc = client_wait(fd, POLLIN, deadline);
	if (rc < 0)
		return busy(res, rc, why);
	n = recv(fd, reply, size - 1, 0);
	if (n <= 0)
		return why_set(why, n < 0 ? -errno : -ECONNRESET,
		    "ods-syncd of %s closed the connection", res);
	reply[n] = '\0';
	return reply_verdict(reply, why);
}
