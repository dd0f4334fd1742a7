/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#ifndef ODS_CONTROL_H
#define ODS_CONTROL_H

#include <stdbool.h>
#include <stdint.h>
#include "engine.h"
#include "plan.h"
#include "record.h"
#include "why.h"

/* What travels over CPG: small, on change, big-endian (docs/protocol.md).
 * Encoders and decoders are pure. */

#define CONTROL_MAX 4096
#define CONTROL_ADDRESS_MAX 64

enum control_type {
	CONTROL_HELLO = 1,    /* who I am and what I hold */
	CONTROL_RECORD = 2,   /* the source's or the minter's record */
	CONTROL_ACK = 3,      /* "stored durably": term id and revision */
	CONTROL_KEY = 4,      /* PSK of a term, only while CPG is encrypted */
	CONTROL_INIT = 5,     /* an admin typed init --source */
	CONTROL_OUTDATED = 6, /* that node's ledger was seen newer than it is */
	CONTROL_FORGET = 7,   /* an admin typed forget */
	CONTROL_ACCEPT = 8,   /* ... failover --accept-loss */
};

struct hello {
	struct id node;
	struct id worker; /* random, new at each start of the worker */
	uint64_t starts;  /* start counter of the ledger */
	uint64_t minted;  /* newest number that it minted, begun or not */
	char name[NODE_NAME_MAX];
	char address[CONTROL_ADDRESS_MAX];
	uint16_t port;
	bool source;    /* this worker is source */
	bool restarted; /* it came after one that crashed as source; nobody
	                   looks at it */
	bool closing;   /* --close: no start of a worker */
	bool daemons_dead;
	bool foreign; /* somebody else is or was at work there */
	enum state_class state;
	uint32_t zones, keys;
	bool has_record;
	struct record record;
	struct position tip;
	uint64_t clock; /* CLOCK_REALTIME as it was sent, s */
};

struct control {
	enum control_type type;
	struct hello hello;          /* HELLO */
	struct record record;        /* RECORD */
	struct node_list workers;    /* RECORD: whose HELLO it was sent after */
	struct id node;              /* ACK: who; INIT: the chosen source;
	                                OUTDATED, FORGET, ACCEPT:
	                                whom it concerns */
	char by[NODE_NAME_MAX];      /* ACCEPT: who typed it, and where */
	struct id term_id;           /* ACK, KEY */
	uint64_t revision;           /* ACK */
	uint8_t psk[ENGINE_PSK_LEN]; /* KEY */
};

/* Length of the message in BUF, or -EMSGSIZE. */
int control_encode(const struct control *c, uint8_t *buf, size_t size);

/* 0, or -EBADMSG with the reason. */
int control_decode(
    struct control *c, const uint8_t *buf, size_t len, struct why *why);

#endif
