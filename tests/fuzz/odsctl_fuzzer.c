/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* The answer of an OpenDNSSEC daemon on its control socket: frames, and the
 * text in them. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"
#include "odsctl.h"

#define WIRE_MAX (64 * 1024) /* what a socket takes without a reader */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char out[512];
	int fd[2], code, n;

	if (len > WIRE_MAX)
		len = WIRE_MAX;
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd) == 0);
	must(len == 0 || write(fd[1], data, len) == (ssize_t)len);
	close(fd[1]);
	if (odsctl_read_answer(
	        fd[0], deadline_in_ms(5000), &code, out, sizeof(out)) == 0)
		must(code >= 0 && code <= 255);
	must(memchr(out, '\0', sizeof(out)));
	n = odsctl_zones_count(out);
	must(n >= 0 || n == -EPROTO);
	n = odsctl_queue_count(out);
	must(n >= 0 || n == -EPROTO);
	close(fd[0]);
	return 0;
}

static void seed(const char *name, const char *text)
{
	char buf[1024];
	size_t len = strlen(text);

	buf[0] = 0;
	buf[1] = 0;
	buf[2] = (char)len;
	memcpy(buf + 3, text, len);
	memcpy(buf + 3 + len, "\4\0\1\0", 4);
	fuzz_seed(name, buf, len + 7);
}

static void make_seeds(void)
{
	seed("zones", "There are 2 zones configured:\n- a.org\n- b.org\n");
	seed("none", "There are no zones configured\n");
	seed("queue", "There are 1 tasks scheduled.\nIt is now Mon\n"
	              "On Tue I will [sign] zone a.org\n");
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return fuzz_seeds(make_seeds);
}
