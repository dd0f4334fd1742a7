/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "zoneentry.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <ldns/ldns.h>

#define STAMP_DIGITS 14 /* YYYYMMDDHHmmSS */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

size_t zoneentry_word(const char **at, const char **word)
{
	const char *p = *at;

	while (is_blank(*p))
		p++;
	*word = p;
	while (*p && !is_blank(*p)) {
		if (*p == '\\' && p[1])
			p++;
		p++;
	}
	*at = p;
	return (size_t)(p - *word);
}

uint16_t zoneentry_type(const char *word, size_t len)
{
	static const struct {
		const char *name;
		uint16_t type;
	} common[] = {
	    {"A", LDNS_RR_TYPE_A},
	    {"RRSIG", LDNS_RR_TYPE_RRSIG},
	    {"NSEC", LDNS_RR_TYPE_NSEC},
	    {"NSEC3", LDNS_RR_TYPE_NSEC3},
	    {"AAAA", LDNS_RR_TYPE_AAAA},
	    {"NS", LDNS_RR_TYPE_NS},
	    {"DS", LDNS_RR_TYPE_DS},
	};
	char text[32];
	size_t i;

	for (i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		if (strncmp(common[i].name, word, len) == 0 &&
		    common[i].name[len] == '\0')
			return common[i].type;
	if (len == 0 || len >= sizeof(text))
		return 0;
	memcpy(text, word, len);
	text[len] = '\0';
	return (uint16_t)ldns_get_rr_type_by_name(text);
}

int zoneentry_number(const char *word, size_t len, uint32_t *number)
{
	uint64_t value = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		if (!is_digit(word[i]))
			return -EBADMSG;
		value = value * 10 + (uint64_t)(word[i] - '0');
		if (value > UINT32_MAX)
			return -EBADMSG;
	}
	*number = (uint32_t)value;
	return len > 0 ? 0 : -EBADMSG;
}

static uint16_t class_of(const char *word, size_t len)
{
	char text[16];

	if (len == 2 && strncasecmp(word, "IN", 2) == 0)
		return LDNS_RR_CLASS_IN;
	if (len < 2 || len >= sizeof(text))
		return 0;
	memcpy(text, word, len);
	text[len] = '\0';
	if (strcasecmp(text, "CH") != 0 && strcasecmp(text, "HS") != 0 &&
	    strncasecmp(text, "CLASS", 5) != 0)
		return 0;
	return (uint16_t)ldns_get_rr_class_by_name(text);
}

/* "300", "1h30m".  A type never begins with a digit. */
static int ttl_of(const char *word, size_t len, uint32_t *ttl)
{
	char text[32];
	const char *end;

	if (zoneentry_number(word, len, ttl) == 0)
		return 0;
	if (len >= sizeof(text))
		return -EBADMSG;
	memcpy(text, word, len);
	text[len] = '\0';
	*ttl = ldns_str2period(text, &end);
	return *end ? -EBADMSG : 0;
}

int zoneentry_parse(const char *text, struct zoneentry *e)
{
	const char *at = text, *word;
	size_t len;

	memset(e, 0, sizeof(*e));
	if (!is_blank(*at)) {
		e->owner_len = zoneentry_word(&at, &word);
		e->owner = word;
	}
	for (;;) {
		uint16_t class;

		len = zoneentry_word(&at, &word);
		if (len == 0)
			return -EBADMSG;
		if (is_digit(*word) && !e->has_ttl) {
			if (ttl_of(word, len, &e->ttl) < 0)
				return -EBADMSG;
			e->has_ttl = true;
			continue;
		}
		class = e->class ? 0 : class_of(word, len);
		if (!class)
			break;
		e->class = class;
	}
	e->type = zoneentry_type(word, len);
	while (is_blank(*at))
		at++;
	e->rdata = at;
	return 0;
}

static int two(const char *p)
{
	return (p[0] - '0') * 10 + (p[1] - '0');
}

/* Days from 1970-01-01 of a date of the Gregorian calendar. */
static int64_t days(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = y / 400, of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	       of_year - 1 - 719468;
}

static int stamp_of(const char *word, size_t len, uint32_t *stamp)
{
	int month, day;
	int64_t at;
	size_t i;

	if (len != STAMP_DIGITS)
		return zoneentry_number(word, len, stamp);
	for (i = 0; i < len; i++)
		if (!is_digit(word[i]))
			return -EBADMSG;
	month = two(word + 4);
	day = two(word + 6);
	if (month < 1 || month > 12 || day < 1 || day > 31)
		return -EBADMSG;
	at = days(two(word) * 100 + two(word + 2), month, day) * 86400 +
	     two(word + 8) * 3600 + two(word + 10) * 60 + two(word + 12);
	*stamp = (uint32_t)at;
	return 0;
}

int zonesig_parse(const char *rdata, struct zonesig *sig)
{
	const char *word[7];
	size_t len[7];
	uint32_t number[3]; /* algorithm, labels, tag */
	int i;

	for (i = 0; i < 7; i++)
		len[i] = zoneentry_word(&rdata, &word[i]);
	sig->signer_len = zoneentry_word(&rdata, &sig->signer);
	sig->signature = rdata;
	sig->covers = zoneentry_type(word[0], len[0]);
	if (sig->covers == 0 || sig->signer_len == 0 ||
	    zoneentry_number(word[1], len[1], &number[0]) < 0 ||
	    zoneentry_number(word[2], len[2], &number[1]) < 0 ||
	    zoneentry_number(word[3], len[3], &sig->ttl) < 0 ||
	    stamp_of(word[4], len[4], &sig->expires) < 0 ||
	    stamp_of(word[5], len[5], &sig->begins) < 0 ||
	    zoneentry_number(word[6], len[6], &number[2]) < 0 ||
	    number[0] > 255 || number[1] > 255 || number[2] > 65535)
		return -EBADMSG;
	sig->algorithm = (uint8_t)number[0];
	sig->labels = (uint8_t)number[1];
	sig->tag = (uint16_t)number[2];
	return 0;
}

int64_t zonesig_time(uint32_t stamp, int64_t now)
{
	return now + (int32_t)(stamp - (uint32_t)now);
}
