/* SPDX-License-Identifier: GPL-2.0-or-later
 * Copyright (C) The ocf-ods contributors */
#include "syncd.h"

#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "file.h"
#include "sha.h"

#define KEY_DIR "/etc/ocf-ods"
#define KEY_FILE_MAX 4096
#define SECRET_MIN 32

/* The octets of a key file and a term make a key: docs/protocol.md. */
int terms_psk_derive(const void *secret, size_t len, const struct id *term,
    uint8_t psk[ENGINE_PSK_LEN])
{
	static const char info[] = "ocf-ods term key";
	uint8_t prk[SHA_LEN];
	gnutls_datum_t key, salt, inf, prkd = {prk, sizeof(prk)};
	int rc = -EINVAL;

	key =
	    (gnutls_datum_t){(unsigned char *)(uintptr_t)secret, (unsigned)len};
	salt = (gnutls_datum_t){(unsigned char *)(uintptr_t)term->byte, ID_LEN};
	inf = (gnutls_datum_t){
	    (unsigned char *)(uintptr_t)info, sizeof(info) - 1};
	if (len >= SECRET_MIN &&
	    gnutls_hkdf_extract(GNUTLS_MAC_SHA256, &key, &salt, prk) >= 0 &&
	    gnutls_hkdf_expand(
	        GNUTLS_MAC_SHA256, &prkd, &inf, psk, ENGINE_PSK_LEN) >= 0)
		rc = 0;
	explicit_bzero(prk, sizeof(prk));
	return rc;
}

/* Without Corosync encryption the key of a term is derived from a file that
 * is the same on all nodes. */
static int psk_from_file(
    struct syncd *s, const struct id *term, struct why *why)
{
	char path[PATH_MAX];
	CLEANUP_FREE char *text = NULL;
	size_t len;
	int rc;

	snprintf(path, sizeof(path), "%s/%s.key", KEY_DIR, s->opt.res);
	rc = file_read(path, KEY_FILE_MAX, &text, &len, why);
	if (rc < 0 && rc != -ENOENT)
		return rc;
	if (rc < 0)
		return why_set(why, -ENOKEY,
		    "Corosync does not encrypt and %s is missing: pcs cluster "
		    "config update crypto cipher=aes256 hash=sha256",
		    path);
	rc = terms_psk_derive(text, len, term, s->psk);
	explicit_bzero(text, len);
	if (rc < 0)
		return why_set(why, -ENOKEY,
		    "%s is not usable: it needs at least 32 random bytes",
		    path);
	s->psk_term = *term;
	return 0;
}

/* A mint may be given up: its key does not take that of the record away. */
void terms_psk_put(
    struct syncd *s, const struct id *term, const uint8_t psk[ENGINE_PSK_LEN])
{
	if (id_equal(&s->psk_term, &s->record.term_id)) {
		s->kept_term = s->psk_term;
		memcpy(s->kept_psk, s->psk, sizeof(s->kept_psk));
	}
	s->psk_term = *term;
	memcpy(s->psk, psk, sizeof(s->psk));
}

int terms_carries(const struct syncd *s, struct why *why)
{
	if (!s->opt.tokens[0] || s->encrypted)
		return 0;
	return why_set(why, -EPERM,
	    "tokens= wants Corosync to encrypt: pcs cluster config update "
	    "crypto cipher=aes256 hash=sha256");
}

int terms_psk(struct syncd *s, const struct id *term, struct why *why)
{
	uint8_t psk[ENGINE_PSK_LEN];

	if (terms_carries(s, why) < 0)
		return -EPERM;
	if (id_equal(&s->psk_term, term))
		return 0;
	if (!s->encrypted)
		return psk_from_file(s, term, why);
	if (id_equal(&s->kept_term, term)) {
		s->psk_term = *term;
		memcpy(s->psk, s->kept_psk, sizeof(s->psk));
		return 0;
	}
	if (s->role != ROLE_MINTING)
		return why_set(why, -ENOKEY, "waiting for the key of the term");
	if (gnutls_rnd(GNUTLS_RND_KEY, psk, sizeof(psk)) < 0)
		return why_set(why, -EIO, "no random bytes");
	terms_psk_put(s, term, psk);
	explicit_bzero(psk, sizeof(psk));
	return 0;
}

void terms_send_key(struct syncd *s)
{
	struct control c = {.type = CONTROL_KEY, .term_id = s->psk_term};

	if (!s->encrypted || id_is_zero(&s->psk_term))
		return;
	memcpy(c.psk, s->psk, sizeof(c.psk));
	group_send(s, &c);
	explicit_bzero(&c, sizeof(c));
}
