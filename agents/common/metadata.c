/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "metadata.h"

#include <string.h>

#include "agent.h"
#include "version.h"

static const char *param_type_name(enum param_type type)
{
	switch (type) {
	case PARAM_INTEGER:
		return "integer";
	case PARAM_SELECT:
		return "select";
	case PARAM_STRING:
	case PARAM_PATH:
	case PARAM_PROGRAM:
		return "string";
	}
	return "string";
}

static void print_escaped(FILE *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			fputc(*text, out);
		}
	}
}

static void print_element(FILE *out, const char *name, const char *text)
{
	fprintf(out, "<%s lang=\"en\">", name);
	print_escaped(out, text);
	fprintf(out, "</%s>\n", name);
}

/* pcs 0.11 shows the longdesc alone, so default, unit and choices go there. */
static void print_longdesc(FILE *out, const struct param *p)
{
	fputs("<longdesc lang=\"en\">", out);
	print_escaped(out, p->longdesc);
	if (p->type == PARAM_INTEGER)
		fprintf(out, " Range: %ld to %ld%s%s.", p->min, p->max,
		    p->unit ? " " : "", p->unit ? p->unit : "");
	if (p->type == PARAM_SELECT) {
		const char *const *o;

		fputs(" One of:", out);
		for (o = p->options; *o; o++)
			fprintf(out, "%s %s", o == p->options ? "" : ",", *o);
		fputs(".", out);
	}
	fputs(" Default: ", out);
	print_escaped(out, p->dflt ? p->dflt : p->dflt_says);
	fputs(".</longdesc>\n", out);
}

static void print_content(FILE *out, const struct param *p)
{
	const char *const *o;

	fprintf(out, "<content type=\"%s\"", param_type_name(p->type));
	if (p->dflt) {
		fputs(" default=\"", out);
		print_escaped(out, p->dflt);
		fputs("\"", out);
	}
	if (p->type != PARAM_SELECT) {
		fputs("/>\n", out);
		return;
	}
	fputs(">\n", out);
	for (o = p->options; *o; o++)
		fprintf(out, "<option value=\"%s\"/>\n", *o);
	fputs("</content>\n", out);
}

static void print_param(FILE *out, const struct param *p)
{
	fprintf(out, "<parameter name=\"%s\"", p->name);
	if (p->unique_group)
		fprintf(out, " unique-group=\"%s\"", p->unique_group);
	if (p->reloadable)
		fputs(" reloadable=\"1\"", out);
	fputs(">\n", out);
	print_longdesc(out, p);
	print_element(out, "shortdesc", p->shortdesc);
	print_content(out, p);
	fputs("</parameter>\n", out);
}

static void print_action(FILE *out, const struct action *a)
{
	fprintf(
	    out, "<action name=\"%s\" timeout=\"%ds\"", a->name, a->timeout_s);
	if (a->interval_s)
		fprintf(out, " interval=\"%ds\" depth=\"0\"", a->interval_s);
	if (a->role)
		fprintf(out, " role=\"%s\"", a->role);
	fputs("/>\n", out);
}

bool metadata_print(const struct agent *agent, FILE *out)
{
	const struct param *p;
	const struct action *a;

	fprintf(out,
	    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
	    "<resource-agent name=\"%s\" version=\"%s\">\n"
	    "<version>1.1</version>\n",
	    agent->name, ODS_VERSION);
	print_element(out, "longdesc", agent->longdesc);
	print_element(out, "shortdesc", agent->shortdesc);
	fputs("<parameters>\n", out);
	for (p = agent->params; p->name; p++)
		print_param(out, p);
	fputs("</parameters>\n<actions>\n", out);
	for (a = agent->actions; a->name; a++)
		print_action(out, a);
	fputs("<action name=\"validate-all\" timeout=\"5s\"/>\n"
	      "<action name=\"meta-data\" timeout=\"5s\"/>\n"
	      "</actions>\n</resource-agent>\n",
	    out);
	return fflush(out) == 0 && !ferror(out);
}
