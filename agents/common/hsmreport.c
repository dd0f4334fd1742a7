/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "hsmreport.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
    [HSM_OK] = "ok",
    [HSM_PIN_NOT_SET] = "pin-not-set",
    [HSM_NO_TOKEN] = "no-token",
    [HSM_ERROR] = "error",
    [HSM_HUNG] = "hung",
    [HSM_MISSING_MODULE] = "missing-module",
    [HSM_WRONG_PIN] = "wrong-pin",
    [HSM_NO_ANSWER] = "no-answer",
};

#define NAMES (sizeof(names) / sizeof(names[0]))

const char *hsm_verdict_name(enum hsm_verdict verdict)
{
	return (size_t)verdict < NAMES ? names[verdict] : "unknown";
}

void hsmreport_word(char *buf, size_t size, const char *text)
{
	size_t i;

	for (i = 0; text[i] && i + 1 < size; i++)
		buf[i] = (unsigned char)text[i] <= ' ' || text[i] == '\x7f'
		             ? '_'
		             : text[i];
	buf[i] = '\0';
}

void hsmreport_line(char *buf, size_t size, const char *repository,
    enum hsm_verdict verdict, const char *detail, long ms)
{
	char name[64], word[64];

	hsmreport_word(name, sizeof(name), repository);
	hsmreport_word(word, sizeof(word), *detail ? detail : "-");
	snprintf(buf, size, "repository=%s verdict=%s detail=%s ms=%ld\n", name,
	    hsm_verdict_name(verdict), word, ms);
}

static enum hsm_verdict verdict_of(const char *name)
{
	size_t i;

	for (i = 0; i < NAMES; i++)
		if (strcmp(names[i], name) == 0)
			return (enum hsm_verdict)i;
	return HSM_NO_ANSWER;
}

static void parse_line(const char *line, struct hsmreport *report)
{
	char repository[64], verdict[32], detail[64];
	enum hsm_verdict v;
	long ms;

	if (sscanf(line,
	        "repository=%63[^ \n] verdict=%31[^ \n] "
	        "detail=%63[^ \n] ms=%ld",
	        repository, verdict, detail, &ms) != 4)
		return;
	v = verdict_of(verdict);
	if (report->repositories++ > 0 && v <= report->verdict)
		return;
	report->verdict = v;
	report->ms = ms;
	snprintf(
	    report->repository, sizeof(report->repository), "%s", repository);
	snprintf(report->detail, sizeof(report->detail), "%s", detail);
}

void hsmreport_parse(const char *text, struct hsmreport *report)
{
	memset(report, 0, sizeof(*report));
	while (*text) {
		parse_line(text, report);
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	if (report->repositories == 0)
		report->verdict = HSM_NO_ANSWER;
}
