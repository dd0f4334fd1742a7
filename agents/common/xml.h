/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_XML_H
#define ODS_XML_H

#include <stddef.h>
#include <libxml/tree.h>
#include "why.h"

/* The LEN bytes at TEXT as a document with a root.  PATH is for the sentence.
 * No network, no external entities, and no own ones either: a few lines of
 * them can stand for gigabytes, and nothing that we read needs them.  0 or
 * -EINVAL; *DOC is the caller's to xmlFreeDoc() in both cases, may be NULL. */
int xml_parse(const char *path, const char *text, size_t len, xmlDoc **doc,
    struct why *why);

void cleanup_xml_doc(xmlDoc **doc);

#endif
