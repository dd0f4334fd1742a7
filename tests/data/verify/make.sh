#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# make.sh: how the zones beside it were made (BIND 9.18 dnssec-keygen and
# dnssec-signzone, one RR per line, throw-away keys; unsigned.zone is the
# input; ldns-read-zone puts names into canonical order).  Tests say what time
# it is.
set -eu
work=$(mktemp -d)
here=$(cd "$(dirname "$0")" && pwd)
cd "$work"
for z in example. 0/25.2.0.192.in-addr.arpa.; do
	dnssec-keygen -q -a ECDSAP256SHA256 -f KSK "$z" >>keys
	dnssec-keygen -q -a ECDSAP256SHA256 "$z" >>keys
done
cat >example <<'Z'
$ORIGIN example.
$TTL 3600
@ IN SOA ns hostmaster 2026010101 3600 600 604800 300
@ NS ns
@ NS ns.else.test.
@ MX 10 MaIl
@ CAA 0 issue "ca.example.net; x=y"
ns A 192.0.2.1
ns AAAA 2001:db8::1
MaIl A 192.0.2.2
a.b.empty TXT "semi;colon" "quote\"d" "(" "\;"
*.wild TXT "w"
sub NS ns.sub
ns.sub A 192.0.2.3
sub DS 12345 13 2 0000000000000000000000000000000000000000000000000000000000000000
insecure NS ns.else.test.
insecure.ent NS ns.else.test.
xn--bcher-kva A 192.0.2.4
unknown TYPE65280 \# 3 010203
long TXT "LONG"
alias DNAME other.test.
sshfp SSHFP 4 2 123456789abcdef67890123456789abcdef67890123456789abcdef123456789
zz\.dot\032blank A 192.0.2.5
Z
awk '{ if (/LONG/) { s = ""; for (i = 0; i < 60; i++) { s = s " \""; for (j = 0; j < 250; j++) s = s "x"; s = s "\"" } print "long TXT" s } else print }' example >e && mv e example
cat >rev <<'Z'
$ORIGIN 0/25.2.0.192.in-addr.arpa.
$TTL 3600
@ IN SOA ns.example. hostmaster.example. 1 3600 600 604800 300
@ NS ns.example.
1 PTR a.example.
2 PTR b.example.
Z
sign() { # OUTPUT ORIGIN FILE OPTIONS...
	out=$1 origin=$2 file=$3
	shift 3
	dnssec-signzone -q -S -P -O full -s 20260101000000 -e 20260201000000 \
		-o "$origin" -f raw "$@" "$file" >/dev/null 2>&1
	ldns-read-zone -z raw >"$here/$out"
}
sign nsec.zone example. example
sign nsec3.zone example. example -3 aabbcc -H 1
sign nsec3-optout.zone example. example -3 - -H 0 -A
sign reverse.zone 0/25.2.0.192.in-addr.arpa. rev
sed 's/^@ NS ns$/@ NS ns.example.; a comment (/' example >"$here/unsigned.zone"
rm -rf "$work"
