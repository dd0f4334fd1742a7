/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_NEWS_H
#define ODS_NEWS_H

#include "outgoing.h"
#include "publisher.h"

/* What a pass of the publisher has to say of one zone. */
void news_add(struct publisher_news *news, const struct pub_zone *z);

#endif
