/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "statecheck.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "proc.h"

#define BLANKS " \t"

int statecheck_address(const char *text, struct why *why)
{
	unsigned char bytes[sizeof(struct in6_addr)];
	char plain[INET6_ADDRSTRLEN];
	size_t len = strcspn(text, "%");

	if (inet_pton(AF_INET, text, bytes) == 1)
		return 0;
	if (len < sizeof(plain)) {
		snprintf(plain, sizeof(plain), "%.*s", (int)len, text);
		if (inet_pton(AF_INET6, plain, bytes) == 1)
			return 0;
	}
	return why_set(why, -EINVAL,
	    "address=%.60s is no IP address: set one of this node, or unset "
	    "it to use Corosync's",
	    text);
}

int statecheck_command(const char *text, struct why *why)
{
	size_t len = strlen(text);

	if (len >= PUBLISH_COMMAND_SIZE)
		return why_set(why, -EINVAL,
		    "publish_command has %zu bytes: set at most %d, or the "
		    "path of a script",
		    len, PUBLISH_COMMAND_SIZE - 1);
	if (text[strspn(text, BLANKS)] == '\0')
		return why_set(why, -EINVAL,
		    "publish_command is blank: set a command or unset it");
	return 0;
}

int statecheck_program(const char *text, struct why *why)
{
	char word[PUBLISH_COMMAND_SIZE], path[PATH_MAX];

	text += strspn(text, BLANKS);
	snprintf(word, sizeof(word), "%.*s", (int)strcspn(text, BLANKS), text);
	if (proc_which(word, path, sizeof(path)) == 0)
		return 0;
	return why_set(why, -ENOENT,
	    "publish_command: %.60s is missing or not executable: install it "
	    "or set publish_command",
	    word);
}
