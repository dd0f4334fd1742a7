/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* A control message (CPG). */
#include <ctype.h>

#include "control.h"
#include "fuzz.h"

static void one_line(const char *text)
{
	for (; *text; text++)
		must(!iscntrl((unsigned char)*text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t buf[CONTROL_MAX];
	struct control m;
	struct why why = {0};
	int n, rc = control_decode(&m, data, len, &why);

	if (rc < 0) {
		must(why.text[0]);
		return 0;
	}
	one_line(m.hello.name);
	one_line(m.hello.address);
	one_line(m.by);
	must(m.record.holders.count <= NODES_MAX);
	must(m.hello.record.holders.count <= NODES_MAX);
	/* Whatever is accepted can be sent, and is the same then. */
	n = control_encode(&m, buf, sizeof(buf));
	must(n > 0 && (size_t)n == len && memcmp(buf, data, len) == 0);
	return 0;
}

static void seed(const char *name, const struct control *m)
{
	uint8_t buf[CONTROL_MAX];
	int n = control_encode(m, buf, sizeof(buf));

	must(n > 0);
	fuzz_seed(name, buf, (size_t)n);
}

static void make_seeds(void)
{
	struct record record = {.term = 3,
	    .revision = 2,
	    .voters = 2,
	    .fencing = true,
	    .open = true,
	    .holders = {.count = 2}};
	struct control m = {.type = CONTROL_HELLO};

	memset(&record.holders.id[1], 1, sizeof(record.holders.id[1]));
	strcpy(m.hello.name, "node-a");
	strcpy(m.hello.address, "192.0.2.1");
	m.hello.port = 6405;
	m.hello.state = STATE_LEDGER;
	m.hello.has_record = true;
	m.hello.record = m.record = record;
	seed("hello", &m);
	m.type = CONTROL_RECORD;
	seed("record", &m);
	m.type = CONTROL_ACK;
	seed("ack", &m);
	m.type = CONTROL_KEY;
	seed("key", &m);
	m.type = CONTROL_INIT;
	seed("init", &m);
	m.type = CONTROL_ACCEPT;
	strcpy(m.by, "root on n1");
	seed("accept", &m);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return fuzz_seeds(make_seeds);
}
