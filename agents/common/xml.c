/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "xml.h"

#include <errno.h>
#include <limits.h>
#include <libxml/parser.h>

void cleanup_xml_doc(xmlDoc **doc)
{
	xmlFreeDoc(*doc);
}

int xml_parse(const char *path, const char *text, size_t len, xmlDoc **doc,
    struct why *why)
{
	const xmlError *error;

	xmlResetLastError();
	*doc = len > INT_MAX ? NULL
	                     : xmlReadMemory(text, (int)len, NULL, NULL,
	                           XML_PARSE_NONET | XML_PARSE_NOERROR |
	                               XML_PARSE_NOWARNING | XML_PARSE_NOCDATA |
	                               XML_PARSE_NODICT);
	error = xmlGetLastError();
	if (!*doc || !xmlDocGetRootElement(*doc))
		return why_set(why, -EINVAL,
		    "%s is not well-formed XML at line %d: check it with "
		    "xmllint --noout",
		    path, error ? error->line : 1);
	if ((*doc)->intSubset && (*doc)->intSubset->entities)
		return why_set(why, -EINVAL,
		    "%s declares XML entities: write the values out", path);
	return 0;
}
