/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef TEST_RUNFILE_H
#define TEST_RUNFILE_H

/* /run and the time of day of a node of fakes.h, which includes this in its
 * middle. */

#define EPOCH_S 1700000000

time_t time(time_t *t)
{
	time_t now = (time_t)(EPOCH_S + world.now_ms / 1000 +
	                      (current ? current->day_s : 0));

	if (t)
		*t = now;
	return now;
}

int claimfile_read(const char *res, char text[CLAIM_TEXT])
{
	(void)res;
	snprintf(text, CLAIM_TEXT, "%s", current->claim);
	return text[0] ? 0 : -ENOENT;
}

int claimfile_write(const char *res, const char *text, struct why *why)
{
	(void)res, (void)why;
	snprintf(current->claim, CLAIM_TEXT, "%s", text);
	return 0;
}

void claimfile_remove(const char *res)
{
	(void)res;
	current->claim[0] = '\0';
}

void claimfile_boot(char boot[BOOT_ID_MAX])
{
	snprintf(boot, BOOT_ID_MAX, "boot-%d", current->boots);
}

#endif
