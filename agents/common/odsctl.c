/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "odsctl.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cleanup.h"
#include "file.h"

#define CONNECT_RETRY_MS 50
#define FRAME_HEAD 3

enum opcode {
	OP_STDOUT = 0,
	OP_STDERR = 1,
	OP_STDIN = 2,
	OP_PROMPT = 3,
	OP_EXIT = 4,
};

static int wait_for(int fd, short events, struct deadline deadline)
{
	struct pollfd pfd = {.fd = fd, .events = events};
	int n;

	do {
		n = poll(&pfd, 1, deadline_left_ms(deadline));
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return n == 0 ? -ETIMEDOUT : 0;
}

/* A full backlog (listen(5), a daemon that does not accept) makes a
 * non-blocking connect say EAGAIN: not an error but a daemon that is busy. */
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

static int ctl_connect(const char *path, struct deadline deadline)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	CLEANUP_CLOSE int fd = -1;
	int rc;

	if (strlen(path) >= sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	memcpy(sa.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	rc = connect_retry(fd, &sa, deadline);
	return rc < 0 ? rc : steal_fd(&fd);
}

/* The daemon drops requests above 1024 bytes (ODS_SE_MAXLINE). */
static int ctl_send(int fd, const char *command, struct deadline deadline)
{
	unsigned char frame[FRAME_HEAD + 1024];
	size_t len = strlen(command), sent = 0;

	if (len + 1 > sizeof(frame) - FRAME_HEAD)
		return -E2BIG;
	frame[0] = OP_STDIN;
	frame[1] = (unsigned char)((len + 1) >> 8);
	frame[2] = (unsigned char)((len + 1) & 0xFF);
	memcpy(frame + FRAME_HEAD, command, len);
	frame[FRAME_HEAD + len] = '\n';
	while (sent < FRAME_HEAD + len + 1) {
		ssize_t n = send(fd, frame + sent, FRAME_HEAD + len + 1 - sent,
		    MSG_NOSIGNAL);
		int rc;

		if (n >= 0) {
			sent += (size_t)n;
			continue;
		}
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
		rc = wait_for(fd, POLLOUT, deadline);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* What has arrived and is not yet used: an answer is many small frames. */
struct stream {
	int fd;
	size_t at, end;
	char buf[4096];
};

/* At least one byte more; -EPROTO at the end of the stream. */
static int stream_fill(struct stream *s, struct deadline deadline)
{
	for (;;) {
		ssize_t n = recv(s->fd, s->buf, sizeof(s->buf), 0);
		int rc;

		if (n > 0) {
			s->at = 0;
			s->end = (size_t)n;
			return 0;
		}
		if (n == 0 || errno == ECONNRESET)
			return -EPROTO;
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
		rc = wait_for(s->fd, POLLIN, deadline);
		if (rc < 0)
			return rc;
	}
}

static int read_exactly(
    struct stream *s, void *buf, size_t len, struct deadline deadline)
{
	size_t got = 0;

	while (got < len) {
		size_t n = s->end - s->at;
		int rc = n > 0 ? 0 : stream_fill(s, deadline);

		if (rc < 0)
			return rc;
		n = s->end - s->at;
		if (n > len - got)
			n = len - got;
		memcpy((char *)buf + got, s->buf + s->at, n);
		s->at += n;
		got += n;
	}
	return 0;
}

struct output {
	char *buf;
	size_t size, used;
};

static void output_add(struct output *o, const char *data, size_t len)
{
	size_t room = o->size - 1 - o->used;

	if (len > room)
		len = room;
	memcpy(o->buf + o->used, data, len);
	o->used += len;
	o->buf[o->used] = '\0';
}

/* One frame; 1 when it was the exit frame. */
static int read_frame(struct stream *s, struct output *o, int *exit_code,
    struct deadline deadline)
{
	unsigned char head[FRAME_HEAD];
	char payload[UINT16_MAX];
	size_t len;
	int rc = read_exactly(s, head, sizeof(head), deadline);

	if (rc < 0)
		return rc;
	len = (size_t)head[1] << 8 | head[2];
	rc = read_exactly(s, payload, len, deadline);
	if (rc < 0)
		return rc;
	switch (head[0]) {
	case OP_STDOUT:
	case OP_STDERR:
		output_add(o, payload, len);
		return 0;
	case OP_EXIT:
		*exit_code = len == 1 ? (unsigned char)payload[0] : -1;
		return len == 1 ? 1 : -EPROTO;
	default: /* a prompt is for a human */
		return -EPROTO;
	}
}

int odsctl_read_answer(
    int fd, struct deadline deadline, int *exit_code, char *out, size_t size)
{
	struct output o = {.buf = out, .size = size};
	struct stream s;
	int rc = 0;

	s.fd = fd;
	s.at = s.end = 0;
	out[0] = '\0';
	*exit_code = -1;
	while (rc == 0)
		rc = deadline_passed(deadline)
		         ? -ETIMEDOUT /* an answer without an end */
		         : read_frame(&s, &o, exit_code, deadline);
	return rc == 1 ? 0 : rc;
}

static int ctl_fault(
    int rc, const char *path, const char *command, struct why *why)
{
	switch (rc) {
	case -ENOENT:
	case -ECONNREFUSED:
		return why_set(why, rc, "nothing listens on %s", path);
	case -ETIMEDOUT:
		return why_set(why, rc,
		    "no answer to \"%s\" on %s in time: the daemon hangs",
		    command, path);
	case -EPROTO:
		return why_set(why, rc,
		    "broken answer to \"%s\" on %s: is it OpenDNSSEC's?",
		    command, path);
	default:
		return why_set(why, rc, "cannot ask \"%s\" on %s: %s", command,
		    path, strerror(-rc));
	}
}

int odsctl_ask(const char *socket_path, const char *command,
    struct deadline deadline, int *exit_code, char *out, size_t size,
    struct why *why)
{
	CLEANUP_CLOSE int fd = ctl_connect(socket_path, deadline);
	int rc = fd < 0 ? fd : ctl_send(fd, command, deadline);

	out[0] = '\0';
	*exit_code = -1;
	if (rc == 0)
		rc = odsctl_read_answer(fd, deadline, exit_code, out, size);
	if (rc == -EPIPE)
		rc = -EPROTO;
	return rc == 0 ? 0 : ctl_fault(rc, socket_path, command, why);
}

/* "There are N <noun>", "There are no <noun>"; -1 when LINE is neither. */
static int line_count(const char *line, const char *noun)
{
	static const char lead[] = "There are ";
	const char *p = line;
	size_t digits;
	long n;

	if (strncmp(p, lead, strlen(lead)) != 0)
		return -1;
	p += strlen(lead);
	digits = strspn(p, "0123456789");
	n = digits > 0 ? strtol(p, NULL, 10) : 0;
	p += digits > 0 ? digits : strncmp(p, "no", 2) == 0 ? 2 : 0;
	if (*p != ' ' || n > INT_MAX)
		return -1;
	return strncmp(p + 1, noun, strlen(noun)) == 0 ? (int)n : -1;
}

static const char *next_line(const char *line)
{
	const char *nl = strchr(line, '\n');

	return nl ? nl + 1 : line + strlen(line);
}

static int find_count(const char *answer, const char *noun)
{
	const char *line;

	for (line = answer; *line; line = next_line(line)) {
		int n = line_count(line, noun);

		if (n >= 0)
			return n;
	}
	return -EPROTO;
}

int odsctl_zones_count(const char *answer)
{
	return find_count(answer, "zones configured");
}

/* The zone of "On DATE I will [sign] zone NAME"; NULL for other lines. */
static const char *queue_zone(const char *line, size_t *len)
{
	static const char mark[] = "] zone ";
	size_t line_len = strcspn(line, "\n");
	const char *p = memmem(line, line_len, mark, strlen(mark));

	if (!p || strncmp(line, "On ", 3) != 0)
		return NULL;
	p += strlen(mark);
	*len = (size_t)(line + line_len - p);
	return p;
}

int odsctl_queue_count(const char *answer)
{
	const char *line;
	size_t len;
	int n = 0;

	if (find_count(answer, "tasks scheduled") < 0)
		return -EPROTO;
	for (line = answer; *line; line = next_line(line))
		if (queue_zone(line, &len))
			n++;
	return n;
}

/* The enforcer writes zones.xml itself, <Zone name="...">: no parser needed,
 * but a hand may have put a comment in. */
int odsctl_zonefile_count(const char *zones_xml)
{
	CLEANUP_FREE char *text = NULL;
	size_t len;
	const char *p;
	int n = 0;
	int rc = file_read(zones_xml, 256 * 1024 * 1024, &text, &len, NULL);

	if (rc == -ENOENT)
		return 0;
	if (rc < 0)
		return rc;
	for (p = strchr(text, '<'); p; p = strchr(p + 1, '<')) {
		if (strncmp(p, "<!--", 4) == 0) {
			p = strstr(p, "-->");
			if (!p)
				break;
		} else if (strncmp(p, "<Zone", 5) == 0 &&
		           strchr(" \t\r\n>/", p[5])) {
			n++;
		}
	}
	return n;
}

struct zone_seen {
	char *name;
	bool seen;
};

struct odsctl_watch {
	char socket_path[PATH_MAX];
	char signer_dir[PATH_MAX];
	long started;
	int expected;
	struct zone_seen *zones; /* sorted by name; NULL until they are known */
	char *answer;
	size_t answer_size;
};

#define ANSWER_BASE (64 * 1024)
#define ANSWER_PER_ZONE 1152 /* a line of queue with a 1004-byte name */

struct odsctl_watch *odsctl_watch_new(const char *socket_path,
    const char *zones_xml, const char *signer_dir, long started)
{
	struct odsctl_watch *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	snprintf(w->socket_path, sizeof(w->socket_path), "%s", socket_path);
	snprintf(w->signer_dir, sizeof(w->signer_dir), "%s", signer_dir);
	w->started = started;
	w->expected = odsctl_zonefile_count(zones_xml);
	w->answer_size =
	    ANSWER_BASE +
	    (size_t)(w->expected > 0 ? w->expected : 0) * ANSWER_PER_ZONE;
	w->answer = malloc(w->answer_size);
	if (!w->answer) {
		free(w);
		return NULL;
	}
	return w;
}

void odsctl_watch_free(struct odsctl_watch *w)
{
	int i;

	if (!w)
		return;
	for (i = 0; w->zones && i < w->expected; i++)
		free(w->zones[i].name);
	free(w->zones);
	free(w->answer);
	free(w);
}

static int zone_compare(const void *a, const void *b)
{
	return strcmp(((const struct zone_seen *)a)->name,
	    ((const struct zone_seen *)b)->name);
}

/* Take the names of "- NAME" lines. */
static int watch_take_names(struct odsctl_watch *w)
{
	const char *line;
	int n = 0;

	w->zones = calloc((size_t)w->expected + 1, sizeof(*w->zones));
	if (!w->zones)
		return -ENOMEM;
	for (line = w->answer; *line && n < w->expected;
	     line = next_line(line)) {
		if (strncmp(line, "- ", 2) != 0)
			continue;
		w->zones[n].name = strndup(line + 2, strcspn(line + 2, "\n"));
		if (!w->zones[n].name)
			return -ENOMEM;
		n++;
	}
	if (n < w->expected) { /* fewer names than it claims: look again */
		while (n > 0)
			free(w->zones[--n].name);
		free(w->zones);
		w->zones = NULL;
		return -EPROTO;
	}
	qsort(w->zones, (size_t)n, sizeof(*w->zones), zone_compare);
	return 0;
}

static void watch_mark_queued(struct odsctl_watch *w)
{
	const char *line;

	for (line = w->answer; *line; line = next_line(line)) {
		size_t len;
		const char *zone = queue_zone(line, &len);
		struct zone_seen key, *hit;

		if (!zone)
			continue;
		key.name = strndup(zone, len);
		if (!key.name)
			return;
		hit = bsearch(&key, w->zones, (size_t)w->expected,
		    sizeof(*w->zones), zone_compare);
		if (hit)
			hit->seen = true;
		free(key.name);
	}
}

/* backup2 names map '/' and ' ' to '-' (OpenDNSSEC ods_build_path()). */
static bool has_new_backup(const struct odsctl_watch *w, const char *zone)
{
	char path[PATH_MAX];
	struct stat st;
	char *p;
	int n =
	    snprintf(path, sizeof(path), "%s/%s.backup2", w->signer_dir, zone);

	if (n < 0 || (size_t)n >= sizeof(path))
		return false;
	for (p = path + strlen(w->signer_dir) + 1; *p; p++)
		if (*p == '/' || *p == ' ')
			*p = '-';
	return stat(path, &st) == 0 && st.st_mtime > w->started;
}

static int watch_count_seen(struct odsctl_watch *w)
{
	int i, n = 0;

	for (i = 0; i < w->expected; i++) {
		struct zone_seen *z = &w->zones[i];

		z->seen = z->seen || has_new_backup(w, z->name);
		n += z->seen;
	}
	return n;
}

static int watch_ask(struct odsctl_watch *w, const char *command,
    struct deadline deadline, struct why *why)
{
	int code;

	return odsctl_ask(w->socket_path, command, deadline, &code, w->answer,
	    w->answer_size, why);
}

static int watch_zones(
    struct odsctl_watch *w, struct deadline deadline, struct why *why)
{
	int rc = watch_ask(w, "zones", deadline, why);
	int n;

	if (rc < 0)
		return rc;
	n = odsctl_zones_count(w->answer);
	if (n < 0)
		return why_set(why, n,
		    "the signer's answer to \"zones\" is "
		    "not understood");
	if (n != w->expected) {
		why_set(why, -EAGAIN, "the signer has %d of %d zones", n,
		    w->expected);
		return 0;
	}
	rc = w->zones ? 0 : watch_take_names(w);
	return rc < 0 ? why_set(why, rc, "the signer's list of zones is cut")
	              : 1;
}

int odsctl_watch_look(
    struct odsctl_watch *w, struct deadline deadline, struct why *why)
{
	int rc, seen;

	if (w->expected < 0)
		return why_set(why, w->expected, "cannot read zones.xml: %s",
		    strerror(-w->expected));
	rc = watch_zones(w, deadline, why);
	if (rc <= 0)
		return rc;
	rc = watch_ask(w, "queue", deadline, why);
	if (rc < 0)
		return rc;
	watch_mark_queued(w);
	seen = watch_count_seen(w);
	if (seen == w->expected)
		return 1;
	why_set(why, -EAGAIN, "the signer has recovered %d of %d zones", seen,
	    w->expected);
	return 0;
}

static void cleanup_watch(struct odsctl_watch **w)
{
	odsctl_watch_free(*w);
}

int odsctl_signer_ready(const char *socket_path, const char *zones_xml,
    const char *signer_dir, long started, struct deadline deadline,
    struct why *why)
{
	CLEANUP(cleanup_watch)
	struct odsctl_watch *w =
	    odsctl_watch_new(socket_path, zones_xml, signer_dir, started);

	if (!w)
		return why_set(why, -ENOMEM, "out of memory");
	return odsctl_watch_look(w, deadline, why);
}
