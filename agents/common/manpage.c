/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "manpage.h"

#include <ctype.h>
#include <string.h>

#include "agent.h"
#include "version.h"

/* roff: backslashes and a leading dot or quote would be commands. */
static void print_text(FILE *out, const char *text)
{
	bool start = true;

	for (; *text; text++) {
		if (start && (*text == '.' || *text == '\''))
			fputs("\\&", out);
		start = *text == '\n';
		if (start && text[1] == '\n') {
			fputs("\n.PP", out);
			continue;
		}
		if (*text == '\\')
			fputs("\\e", out);
		else if (*text == '-')
			fputs("\\-", out);
		else
			fputc(*text, out);
	}
}

static void print_param(FILE *out, const struct param *p)
{
	fprintf(out, ".TP\n.B %s\n", p->name);
	print_text(out, p->longdesc);
	fputc('\n', out);
	if (p->type == PARAM_INTEGER)
		fprintf(out, "Range: %ld to %ld%s%s.\n", p->min, p->max,
		    p->unit ? " " : "", p->unit ? p->unit : "");
	if (p->type == PARAM_SELECT) {
		const char *const *o;

		fputs("One of:", out);
		for (o = p->options; *o; o++)
			fprintf(out, "%s %s", o == p->options ? "" : ",", *o);
		fputs(".\n", out);
	}
	fputs("Default: ", out);
	print_text(out, p->dflt ? p->dflt : p->dflt_says);
	fprintf(out, ".\n%s",
	    p->reloadable ? "A change takes effect without a restart.\n" : "");
}

static void print_action(FILE *out, const struct action *a)
{
	fprintf(out, ".TP\n.B %s\ntimeout %d s", a->name, a->timeout_s);
	if (a->interval_s)
		fprintf(out, ", interval %d s", a->interval_s);
	if (a->role)
		fprintf(out, ", role %s", a->role);
	fputs("\n", out);
}

static void print_title(FILE *out, const char *name)
{
	fprintf(out, ".TH OCF_ODS_");
	for (; *name; name++)
		fputc(toupper((unsigned char)*name), out);
	fprintf(out, " 7 \"\" \"ocf-ods %s\" \"OCF resource agents\"\n",
	    ODS_VERSION);
}

bool manpage_print(const struct agent *agent, FILE *out)
{
	const struct param *p;
	const struct action *a;

	print_title(out, agent->name);
	fprintf(out, ".SH NAME\nocf_ods_%s \\- %s\n", agent->name,
	    agent->shortdesc);
	fprintf(
	    out, ".SH SYNOPSIS\n.B ocf:ods:%s\n.SH DESCRIPTION\n", agent->name);
	print_text(out, agent->longdesc);
	fputs("\n.SH PARAMETERS\n", out);
	for (p = agent->params; p->name; p++)
		print_param(out, p);
	fputs(".SH ACTIONS\n", out);
	for (a = agent->actions; a->name; a++)
		print_action(out, a);
	fputs(".SH EXAMPLE\n.nf\n", out);
	print_text(out, agent->example);
	fputs("\n.fi\n.SH SEE ALSO\n"
	      ".BR ods\\-cluster (8),\n.BR pcs (8),\n"
	      ".BR pacemaker (7)\n",
	    out);
	return fflush(out) == 0 && !ferror(out);
}
