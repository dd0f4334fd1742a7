/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* An answer of a name server, and what is read of names, zone files and
 * ods-soa: the first octet says which. */
#include "floors.h"
#include "fuzz.h"
#include "question.h"

#define ZONE "example.org"

static void read_line(const char *text)
{
	char name[64] = "", small[4] = "";
	uint32_t serial;

	if (floors_server(ZONE, text, name, sizeof(name)) == 1)
		must(name[0] && !strpbrk(name, " \t\n"));
	floors_server(ZONE, text, small, sizeof(small));
	must(memchr(small, '\0', sizeof(small)));
	if (floors_answer(text, name, sizeof(name), &serial) == 0)
		must(name[0] && !strchr(name, ' '));
}

static void make_name(const char *text)
{
	uint8_t buf[QUESTION_MAX];
	uint32_t serial;
	int len = question_make(text, 7, buf);

	must(len < 0 || len <= QUESTION_MAX);
	/* a question is no answer to itself */
	if (len > 0)
		must(question_answer(text, 7, buf, (size_t)len, &serial) < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint32_t serial;
	char *text;

	if (len == 0)
		return 0;
	text = fuzz_text(data + 1, len - 1);
	if (data[0] == 'a')
		question_answer(ZONE, 7, (uint8_t *)text, len - 1, &serial);
	else if (data[0] == 'n')
		make_name(text);
	else
		read_line(text);
	free(text);
	return 0;
}

static void make_seeds(void)
{
	static const char rr[] = "\xc0\x0c\x00\x06\x00\x01\x00\x00\x0e\x10\x00"
	                         "\x16\x00\x00\x00\x00\x00\x09";
	uint8_t buf[QUESTION_MAX + sizeof(rr)];
	int len = question_make(ZONE, 7, buf + 1);

	must(len > 0);
	buf[0] = 'a';
	buf[3] = 0x84;
	buf[8] = 1;
	memcpy(buf + 1 + len, rr, sizeof(rr) - 1);
	fuzz_seed("answer", buf, (size_t)len + sizeof(rr));
	fuzz_seed("name", "na\\.b.\\046c.", 12);
	fuzz_seed("server", "lexample.org.\t60\tIN\tNS\tns.x.\n", 29);
	fuzz_seed("line", "lexample.org 9 ::1\n", 19);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return fuzz_seeds(make_seeds);
}
