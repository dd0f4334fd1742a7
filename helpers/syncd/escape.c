/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "escape.h"

enum escape escape_decide(const struct escape_facts *f)
{
	if (!f->source || !f->quorate || !f->cut || f->went_back ||
	    f->one_lacks_it)
		return ESCAPE_NOT;
	if (f->away)
		return ESCAPE_SOLO;
	return f->lacks_second ? ESCAPE_OPEN : ESCAPE_NOT;
}

bool escape_may_go(const struct zone_row *row, bool urgent)
{
	return urgent && row->state == ZONE_INTENT && row->served_digest[0] &&
	       zonepast_same_set(row->past);
}

enum escape_floors escape_floors(
    const struct record *was, const struct id *self, const struct position *tip)
{
	if (was->term == 0 || id_equal(&was->source, self))
		return ESCAPE_FLOORS_NONE;
	if (!was->open && position_in(tip, &was->term_id) >= was->last_seq)
		return ESCAPE_FLOORS_NONE;
	return was->solo   ? ESCAPE_FLOORS_ALL
	       : was->open ? ESCAPE_FLOORS_URGENT
	                   : ESCAPE_FLOORS_NONE;
}
