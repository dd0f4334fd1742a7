/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_PEERS_H
#define ODS_PEERS_H

#include "deadline.h"
#include "view.h"

/* What the other nodes say of themselves, by their node attributes: HSM,
 * promotion score, sentence.  What cannot be read until DEADLINE stays
 * unknown; nothing here fails. */
void peers_ask(struct view *view, struct deadline deadline);

#endif
