/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "signer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "deadline.h"
#include "log.h"
#include "odsctl.h"

#define COMMAND_MS 5000

int signer_command(
    const char *socket, const char *command, char *out, size_t size)
{
	struct why why = {0};
	int code, rc;

	rc = odsctl_ask(socket, command, deadline_in_ms(COMMAND_MS), &code, out,
	    size, &why);
	if (rc < 0)
		log_err("signer: %s: %s", command, why.text);
	return rc;
}

enum signer_answer signer_sign_above(
    const struct conf *conf, const char *zone, uint32_t serial)
{
	char command[320], out[1024];

	snprintf(command, sizeof(command), "sign %s --serial %" PRIu32, zone,
	    serial + 1);
	if (signer_command(conf->signer_socket, command, out, sizeof(out)) < 0)
		return SIGNER_DEAF;
	if (strstr(out, "Unable to enforce")) {
		log_err("the signer does not take: %s", command);
		return SIGNER_WOULD_NOT;
	}
	log_notice("told the signer: %s", command);
	return SIGNER_TOOK;
}

static bool tell(const struct conf *conf, const char *word, const char *zone)
{
	char command[320], out[1024];

	snprintf(command, sizeof(command), "%s %s", word, zone);
	if (signer_command(conf->signer_socket, command, out, sizeof(out)) < 0)
		return false;
	log_notice("told the signer: %s", command);
	return true;
}

bool signer_sign(const struct conf *conf, const char *zone)
{
	return tell(conf, "sign", zone);
}

bool signer_update(const struct conf *conf, const char *zone)
{
	return tell(conf, "update", zone);
}
