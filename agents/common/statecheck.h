/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_STATECHECK_H
#define ODS_STATECHECK_H

#include "why.h"

/* What a parameter of the state agent must be, beyond its type: said when it
 * is set and not by a daemon that does not start. */

#define PUBLISH_COMMAND_SIZE 1024 /* with its NUL, in ods-syncd too */

/* 0, or -EINVAL when TEXT is no IPv4 or IPv6 address (a scope may follow). */
int statecheck_address(const char *text, struct why *why);

/* 0, or -EINVAL when it is blank or too long. */
int statecheck_command(const char *text, struct why *why);

/* 0, or -ENOENT when its first word is no program of this node. */
int statecheck_program(const char *text, struct why *why);

#endif
