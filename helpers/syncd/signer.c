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

static bool tell_signer(const struct conf *conf, const char *command)
{
	char out[1024];
	int code;

	if (odsctl_ask(conf->signer_socket, command, deadline_in_ms(COMMAND_MS),
	        &code, out, sizeof(out), NULL) < 0 ||
	    strstr(out, "Unable to enforce")) {
		log_err("the signer does not take: %s", command);
		return false;
	}
	log_notice("told the signer: %s", command);
	return true;
}

bool signer_sign_above(
    const struct conf *conf, const char *zone, uint32_t serial)
{
	char command[320];

	snprintf(command, sizeof(command), "sign %s --serial %" PRIu32, zone,
	    serial + 1);
	return tell_signer(conf, command);
}

bool signer_sign(const struct conf *conf, const char *zone)
{
	char command[320];

	snprintf(command, sizeof(command), "sign %s", zone);
	return tell_signer(conf, command);
}
