/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_NOBODY_H
#define ODS_NOBODY_H

/* When this process is root's: from here on it is user nobody's, for good.  0
 * or a negative errno: do not go on. */
int nobody_become(void);

#endif
