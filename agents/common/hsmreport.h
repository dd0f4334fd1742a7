/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_HSMREPORT_H
#define ODS_HSMREPORT_H

#include <stddef.h>

/* What ods-hsm-probe prints, one line per repository:
 *
 *	repository=NAME verdict=WORD detail=WORD ms=N
 *
 * From best to worst, so that the greatest is the verdict over all. */
enum hsm_verdict {
	HSM_OK,
	HSM_PIN_NOT_SET,    /* conf.xml has no PIN: nothing can be said */
	HSM_NO_TOKEN,       /* no slot has a token of that label */
	HSM_ERROR,          /* the module answered with an error, or died */
	HSM_HUNG,           /* it gave no answer; detail is the call */
	HSM_MISSING_MODULE, /* the module does not load */
	HSM_WRONG_PIN,
	HSM_NO_ANSWER, /* the probe itself gave no line: its fault or conf's */
};

struct hsmreport {
	int repositories;         /* lines read */
	enum hsm_verdict verdict; /* the worst */
	char repository[64];      /* whose verdict that is */
	char detail[64];
	long ms;
};

const char *hsm_verdict_name(enum hsm_verdict verdict);

/* TEXT as one word of a line: _ for each blank and control character. */
void hsmreport_word(char *buf, size_t size, const char *text);

/* One line, NUL-terminated, with its newline. */
void hsmreport_line(char *buf, size_t size, const char *repository,
    enum hsm_verdict verdict, const char *detail, long ms);

/* Read all lines of TEXT; others are passed over. */
void hsmreport_parse(const char *text, struct hsmreport *report);

#endif
