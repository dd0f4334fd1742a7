#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# make.sh: how zones/ was made, from base.zone, with throw-away keys.
# ldns-signzone (ldns 1.8, whose layout is OpenDNSSEC's) signs, and BIND's
# dnssec-signzone where the name says so, its names put into canonical order;
# disasters are made by editing what they wrote.  `cases` says what is expected
# of each.  A new run makes new keys, so that every file changes.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
out=$here/zones
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
# long enough for referees that know no time but the clock's
begin=20200101000000 end=20370101000000
mkdir -p "$out"
find "$out" -type f ! -name 'ods-*' -delete

key() { ldns-keygen -r /dev/urandom "$@" example.; }
ksk=$(key -k -a ECDSAP256SHA256)
ksk2=$(key -k -a ECDSAP256SHA256)
zsk=$(key -a ECDSAP256SHA256)
zsk2=$(key -a ECDSAP256SHA256)
ksk8=$(key -k -a RSASHA256 -b 2048)
zsk8=$(key -a RSASHA256 -b 1024)
zsk8b=$(key -a RSASHA256 -b 1024)
ksk15=$(key -k -a ED25519)
zsk15=$(key -a ED25519)
ksk14=$(key -k -a ECDSAP384SHA384)

dnskey() { sed 's/;.*//' "$1.key"; }
# public KEY: the digest of its public key; rdata KEY: ALG:TAG:SHA256 of all
public() { dnskey "$1" | awk '{ print $NF }' | base64 -d | sha256sum | cut -d ' ' -f 1; }
rdata()
{
	local flags alg
	read -r flags alg < <(dnskey "$1" | awk '{ print $4, $6 }')
	{
		printf '%b' "\\x$(printf %02x $((flags / 256)))\\x$(printf %02x $((flags % 256)))\\x03\\x$(printf %02x "$alg")"
		dnskey "$1" | awk '{ print $NF }' | base64 -d
	} | sha256sum | awk -v k="$1" '{ n = split(k, a, "+"); print a[2] + 0 ":" a[3] + 0 ":" $1 }'
}
ds() { ldns-key2ds -n -2 "$1.key" | awk '{ print "ds", $(NF-3), $(NF-2), $(NF-1), $NF }' | awk '{ print $1, $3, $2, $4, $5 }'; }

# sign NAME KEY... [-- OPTION...]: the zone on standard input, in zones/NAME.zone
sign()
{
	local name=$1 keys=()
	shift
	while [ $# -gt 0 ] && [ "$1" != -- ]; do keys+=("$1"); shift; done
	[ $# -eq 0 ] || shift
	cat >in
	ldns-signzone -o example. -i $begin -e $end -f signed "$@" in "${keys[@]}" >/dev/null
	# what a signer prints below a DNAME, and does not sign
	local line
	line=$(grep -n '^alias' signed | tail -1 | cut -d : -f 1) || true
	if [ -z "$line" ]; then mv signed "$out/$name.zone"; return; fi
	! grep -q NSEC3PARAM signed || line=$((line + 2))
	sed "${line}a x.alias.example.\t3600\tIN\tA\t192.0.2.9" signed >"$out/$name.zone"
}
base() { cat "$here/base.zone"; }
# edit FROM NAME SED...
edit()
{
	local from=$1 name=$2
	shift 2
	sed "$@" "$out/$from.zone" >edited
	mv edited "$out/$name.zone"
}
now=1767300000
# facts NAME: from standard input; with the DS of the KSK unless it says "ds"
facts()
{
	cat >facts
	{
		grep -q '^now' facts || echo "now $now"
		grep -q '^ds' facts || ds "$ksk"
		cat facts
	} >"$out/$1.facts"
}
same() { facts "$1" </dev/null; }
copy() { cp "$out/$1.zone" "$out/$2"; }

# --- accepted ---------------------------------------------------------------

base | sign nsec "$ksk" "$zsk"; same nsec
base | sign nsec3 "$ksk" "$zsk" -- -n -s aabbcc -t 5; same nsec3
base | sign optout-full "$ksk" "$zsk" -- -n -p -t 1; same optout-full
base | sign rsa "$ksk8" "$zsk8"; ds "$ksk8" | facts rsa
base | sign ed25519 "$ksk15" "$zsk15"; ds "$ksk15" | facts ed25519
base | sign p384 "$ksk14"; ds "$ksk14" | facts p384
base | sign csk "$ksk"; same csk
copy nsec ds-unknown.zone
printf 'now %s\n' $now >"$out/ds-unknown.facts"
# a smooth roll: two ZSKs, RRSIGs by one of them
{ base; dnskey "$zsk2"; } | sign smooth "$ksk" "$zsk"; same smooth
# a DNSKEY of the unsigned zone, beside what the signconf asks for, its name
# written in another way there
{ base; dnskey "$ksk2"; } | sign literal "$ksk" "$zsk"
{ base; echo "\$ORIGIN ."; dnskey "$ksk2" | sed 's/^example\./example/'; } >"$out/literal.unsigned"
{ echo "key 257 13 $(public "$ksk")"; echo "key 256 13 $(public "$zsk")"; } | facts literal
{ base; dnskey "$ksk2" | sed 's/257 3/385 3/'; } | sign revoked "$ksk" "$zsk"; same revoked
# an algorithm roll: RRSIGs of a key that is not published
{ base; dnskey "$ksk"; dnskey "$zsk"; } | sign unpublished "$ksk" "$zsk" "$zsk8" -- -d -U; same unpublished
base | sign double "$ksk" "$zsk" "$ksk8" "$zsk8" -- -U
{ ds "$ksk"; ds "$ksk8"; } | facts double
# CDS, CDNSKEY, and a ZONEMD that is not that of the signed zone
base | sed 's/^@ MX/@ CDS 1 13 2 00\n@ CDNSKEY 257 3 13 AAAA\n@ ZONEMD 1 1 1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f\n@ MX/' |
	sign signals "$ksk" "$zsk"; same signals
# RRs of one set with two TTLs, signed with the lesser one and printed as they are
base | sed 's/^ns A/ns 300 A/' | sign ttls "$ksk" "$zsk"; same ttls
edit ttls ttls '0,/^ns.example.	300	IN	A	/s//ns.example.	7200	IN	A	/'
# other cases of letters, wherever a name stands
base | sign cases "$ksk" "$zsk"; same cases
edit cases cases 's/^\([a-z.]*\)example\./\U\1EXAMPLE./; s/\t\(NS\|MX\|SRV\)\t\(.*\)ns\./\t\1\t\2nS./; s/ example\. / Example. /'
# BIND's: opt-out leaves out what it may, NSEC3s where their names sort
base | cat - "$ksk.key" "$zsk.key" >b
bind()
{
	dnssec-signzone -q -P -O full -s $begin -e $end -o example. -f raw "$@" \
		-k "$ksk" b "$zsk" >/dev/null 2>&1
	grep -v '^;' raw | ldns-read-zone -z /dev/stdin
}
bind -3 aabb -H 1 -A >"$out/bind-optout.zone"; same bind-optout
bind -3 - -H 0 >"$out/bind-nsec3.zone"; same bind-nsec3
bind >"$out/bind-nsec.zone"; same bind-nsec
# the whole chain is new: another salt, other iterations
base | sign salt "$ksk" "$zsk" -- -n -s ddeeff -t 1; same salt
copy nsec3 salt.served
# Passthrough, and on the way to it
base | ldns-read-zone -z -c /dev/stdin >"$out/unsigned.zone"; echo 'ds none' | facts unsigned
edit nsec going-insecure '/RRSIG	A/d; /^zz/d'
echo 'ds none' | facts going-insecure
# presigned by its owner: no key of the DNSKEY set is ours to ask for
copy nsec presigned.zone; { echo 'key 257 13 -'; echo 'key 256 13 -'; } | facts presigned
# the same as the version served, whatever it is
edit nsec worse-was-served '0,/RRSIG	TXT\(.* example. \)........../s//RRSIG	TXT\1AAAAAAAAAA/'; same worse-was-served
copy worse-was-served worse-was-served.served
# a line that ldns cannot read but is served
edit nsec unreadable-served 's/192.0.2.5/192.0.2.555/'; same unreadable-served
copy unreadable-served unreadable-served.served
# what a cache may hold fits
copy smooth cached.zone
{
	echo "history set 9999999999 $(rdata "$ksk") $(rdata "$zsk")"
	echo "history signers 9999999999 $(rdata "$zsk")"
	echo "history set 1 $(rdata "$ksk2")"
} | facts cached

# Beside a served version that was verified.  RSA's signatures are the same each
# time, so that only what has changed differs, as between versions of a signer.
beside() { { ds "$ksk8"; echo 'history algorithms 8'; cat; } | facts "$1"; }
# pair NAME SED OPTION...: NAME.served is base.zone, NAME.zone what SED makes of it
pair()
{
	local name=$1 change=$2
	shift 2
	base | sign "$name" "$ksk8" "$zsk8" -- "$@"
	mv "$out/$name.zone" "$out/$name.served"
	base | sed "$change" | sign "$name" "$ksk8" "$zsk8" -- "$@"
	beside "$name" </dev/null
}
serial='s/2026010101/2026010102/'
for denial in nsec nsec3 optout; do
	case $denial in
	nsec) options=() ;;
	nsec3) options=(-n -t 1) ;;
	optout) options=(-n -p -t 1) ;;
	esac
	pair "beside-change-$denial" "$serial; s/192.0.2.7/192.0.2.8/" "${options[@]}"
	pair "beside-add-$denial" "$serial; \$ a new A 192.0.2.10\n*.b.ent A 192.0.2.11" "${options[@]}"
	pair "beside-remove-$denial" "$serial; /^srv/d; /^a.b.ent/d" "${options[@]}"
	pair "beside-secure-$denial" "$serial; \$ a insecure.hollow DS 1 13 2 00" "${options[@]}"
done
# small ones, also what the fuzzer begins with
tiny() { printf '%s\n' '@ 60 SOA a b 2026010101 1 1 1 1' '@ NS a' 'a A 192.0.2.7' 'aa TXT y' 'c.b NS x.' 'd DNAME x.'; }
for denial in nsec optout; do
	case $denial in nsec) options=() ;; *) options=(-n -p -t 1) ;; esac
	tiny | sign "tiny-$denial" "$ksk8" "$zsk8" -- "${options[@]}"
	mv "$out/tiny-$denial.zone" "$out/tiny-$denial.served"
	tiny | sed "$serial; s/192.0.2.7/192.0.2.8/; /^d/d" >"$out/tiny-$denial.unsigned"
	sign "tiny-$denial" "$ksk8" "$zsk8" -- "${options[@]}" <"$out/tiny-$denial.unsigned"
	{ ds "$ksk8"; echo 'history algorithms 8'; echo "history set 9999999999 $(rdata "$ksk8") $(rdata "$zsk8")"; } | facts "tiny-$denial"
done
# a cut that has gone: what was below it is the zone's now, and its RRSIG, which
# nobody looked at there, is wrong
glue=$(sed -n 's/^ns.example\(.*RRSIG	A 8 \)2/ns.sub.example\13/p' "$out/beside-change-nsec.zone")
edit beside-change-nsec beside-cut "/^ns.sub.example.*	A	/a $glue"
copy beside-cut beside-cut.served
edit beside-cut beside-cut '/^sub.example.*\t\(NS\|DS\|RRSIG\)/d'
beside beside-cut </dev/null
# RRSIGs of a key that was not published when they were looked at, one wrong
published()
{
	local name=$1 key
	shift
	{ base; for key; do dnskey "$key"; done; } >dnskeys
	sign "$name" "$ksk8" "$zsk8" "$zsk8b" -- -d <dnskeys
	edit "$name" "$name" "/^srv.*RRSIG	SRV.* ${zsk8b##*+} example/s/ example. ........../ example. AAAAAAAAAA/"
}
published tmp "$ksk8" "$zsk8"; mv "$out/tmp.zone" "$out/beside-published.served"
published beside-published "$ksk8" "$zsk8b"; beside beside-published </dev/null
# what the served version was verified for is not all that is asked for now
copy rsa beside-other.zone; copy rsa beside-other.served
{ ds "$ksk8"; echo 'history algorithms 13'; } | facts beside-other
# keys that are not the same in both: nothing is taken on trust
copy rsa beside-keys.zone
{ base; dnskey "$zsk2"; } | sign beside-keys "$ksk8" "$zsk8"
base | sign tmp "$ksk8" "$zsk2"; mv "$out/tmp.zone" "$out/beside-keys.served"
beside beside-keys </dev/null
# a cache holds a DNSKEY set without the key that signs both
copy rsa beside-cached.zone; copy rsa beside-cached.served
echo "history set 9999999999 $(rdata "$ksk8") $(rdata "$zsk2")" | beside beside-cached
# times are judged, whatever is the same
copy rsa beside-expired.zone; copy rsa beside-expired.served
echo 'now 2114467200' | beside beside-expired

# --- disasters --------------------------------------------------------------

same cut-nsec; head -n 50 "$out/nsec.zone" >"$out/cut-nsec.zone"
same cut-nsec3; head -n 60 "$out/nsec3.zone" >"$out/cut-nsec3.zone"
same cut-middle; head -c 3000 "$out/nsec.zone" >"$out/cut-middle.zone"
edit nsec bit '0,/RRSIG	AAAA\(.* example. \)........../s//RRSIG	AAAA\1AAAAAAAAAA/'; same bit
edit nsec rdata 's/192.0.2.7/192.0.2.8/'; same rdata
edit nsec no-rrset '/^ns.example.	3600	IN	AAAA/d; /^ns.example.*RRSIG	AAAA/d'; same no-rrset
edit nsec3 no-rrset3 '/^ns.example.	3600	IN	AAAA/d; /^ns.example.*RRSIG	AAAA/d'; same no-rrset3
edit nsec no-rrsig '/^ns.example.*RRSIG	AAAA/d'; same no-rrsig
edit nsec no-name '/^srv.example/d'; same no-name
edit nsec3 no-name3 '/^srv.example/d'; same no-name3
edit nsec no-nsec '/^srv.example.*NSEC/d'; same no-nsec
edit nsec3 no-nsec3 '/^srv.example.*RRSIG	SRV/{n;N;d}'; same no-nsec3
edit nsec no-ds-sig '/^sub.example.*RRSIG	DS/d'; same no-ds-sig
edit nsec below-no-cut '/^sub.example.*	NS	/d'; same below-no-cut
edit nsec signer '/^srv.*RRSIG	SRV/s/ example\. / x.example. /'; same signer
copy nsec expired.zone; echo 'now 2114467200' | facts expired
copy nsec early.zone; echo 'now 1577829600' | facts early
# the ZSK that signed has left the DNSKEY set
{ base; dnskey "$ksk"; dnskey "$zsk2"; } | sign retired "$ksk" "$zsk" -- -d; same retired
copy nsec other-ds.zone; ds "$ksk2" | facts other-ds
copy nsec second-algorithm.zone; { ds "$ksk"; ds "$ksk8"; } | facts second-algorithm
copy unsigned unsigned-ds.zone; same unsigned-ds
copy unsigned unsigned-served.zone; copy nsec unsigned-served.served
printf 'now %s\n' $now >"$out/unsigned-served.facts"
copy nsec wrong-keys.zone
{ echo "key 257 13 $(public "$ksk")"; echo "key 256 13 $(public "$zsk2")"; } | facts wrong-keys
copy literal no-literal.zone
{ echo "key 257 13 $(public "$ksk")"; echo "key 256 13 $(public "$zsk")"; } | facts no-literal
# a roll of the KSK with both DS in use: the old key may not go yet, the new one
# need not be there
base | sign ds-early "$ksk" "$zsk"
{ ds "$ksk"; ds "$ksk2"; } | facts ds-early; copy ds-early ds-early.served
{ base; dnskey "$zsk"; } | sign ds-cached "$ksk2" "$zsk"
copy nsec ds-cached.served; { ds "$ksk"; ds "$ksk2"; } | facts ds-cached
# a double-DS rollover: whoever has a DS has that of the new key
copy ds-cached ds-double.zone; copy nsec ds-double.served
{ ds "$ksk"; ds "$ksk2" | sed 's/$/ everywhere/'; } | facts ds-double
# an ack is for an unsigned version, and for no other
copy unsigned acked.zone; copy nsec acked.served
{ ds "$ksk"; echo 'ack insecure'; } | facts acked
copy bit acked-bit.zone; { ds "$ksk"; echo 'ack insecure'; } | facts acked-bit
# mixtures: the cache has the key set from before, or RRsets by the key before
copy nsec mixture-set.zone
echo "history set 9999999999 $(rdata "$ksk") $(rdata "$zsk2")" | facts mixture-set
copy nsec mixture-signer.zone
echo "history signers 9999999999 $(rdata "$zsk2")" | facts mixture-signer
# a signature that was good in the version served
edit beside-change-nsec3 beside-bit '0,/RRSIG	AAAA\(.* example. \)........../s//RRSIG	AAAA\1AAAAAAAAAA/'
copy beside-change-nsec3 beside-bit.served; beside beside-bit </dev/null
edit beside-change-nsec3 beside-no-nsec3 '/^srv.example.*RRSIG	SRV/{n;N;d}'
copy beside-change-nsec3 beside-no-nsec3.served; beside beside-no-nsec3 </dev/null
edit beside-change-nsec3 beside-no-rrset3 '/^ns.example.	3600	IN	AAAA/d; /^ns.example.*RRSIG	AAAA/d'
copy beside-change-nsec3 beside-no-rrset3.served; beside beside-no-rrset3 </dev/null
# the NSEC3 of an empty non-terminal
edit beside-change-nsec3 beside-no-ent '/^x.alias/{n;N;d}'
copy beside-change-nsec3 beside-no-ent.served; beside beside-no-ent </dev/null
edit beside-change-nsec beside-no-name '/^srv/d'
copy beside-change-nsec beside-no-name.served; beside beside-no-name </dev/null
copy bit worse.zone; copy nsec worse.served; same worse
# served, and in the unsigned zone, but gone: properly signed without it
base | sed '/^srv/d' | sign gone "$ksk" "$zsk"; same gone
copy nsec gone.served; base >"$out/gone.unsigned"
# the zone's owner took it out
copy gone taken-out.zone; copy nsec taken-out.served; same taken-out
base | sed '/^srv/d' >"$out/taken-out.unsigned"
head -n 15 "$out/unsigned.zone" >"$out/cut-unsigned.zone"
echo 'ds none' | facts cut-unsigned; base >"$out/cut-unsigned.unsigned"
edit nsec unreadable 's/192.0.2.5/192.0.2.555/'; same unreadable
same disorder
{ head -n 14 "$out/nsec.zone"; tail -n +15 "$out/nsec.zone" | tac; } >"$out/disorder.zone"
copy nsec margin.zone; echo "margin 999999999" | facts margin
copy nsec margin-served.zone; copy nsec margin-served.served
echo "margin 999999999" | facts margin-served
