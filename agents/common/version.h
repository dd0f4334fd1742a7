/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_VERSION_H
#define ODS_VERSION_H

/* The version is one line in ocf-ods.spec; the Makefile hands it in. */
#ifndef ODS_VERSION
#error "build with make: it defines ODS_VERSION from ocf-ods.spec"
#endif

#endif
