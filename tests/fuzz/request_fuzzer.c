/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */

/* A request on the control socket, as ods-syncd takes it apart. */
#include "client.h"
#include "deadline.h"
#include "fuzz.h"
#include "record.h"
#include "request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char source[NODE_NAME_MAX] = "";
	char *text;
	struct request r;
	int64_t ms;

	if (len > REQUEST_MAX - 1)
		len = REQUEST_MAX - 1;
	text = fuzz_text(data, len);
	request_parse(text, &r);
	must(r.word == text && !strchr(r.word, '\n'));
	must(!*r.args || (r.args > text && r.args <= text + len));
	ms = request_deadline_ms(r.args);
	must(ms > 0 && deadline_left_ms(deadline_in_ms(ms)) >= 0);
	client_value(r.args, "source", source, sizeof(source));
	must(!strchr(source, '\n'));
	free(text);
	return 0;
}
