#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# opendnssec.sh TREE: how zones/ods-* were made, by ods-signerd itself.  TREE
# has the unpacked packages opendnssec-signer, opendnssec-common, libhsm-bin,
# softhsm2, softhsm2-common and libsofthsm2 of Debian 12 (dpkg -x); they are
# mounted over /usr and /etc in a mount namespace, so that nothing is installed
# and nothing is left.  Root.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
out=$here/zones
if [ -z "${ODS_INSIDE:-}" ]; then
	tree=$(realpath "$1")
	ODS_INSIDE=1 exec unshare -m "$here/opendnssec.sh" "$tree"
fi
tree=$1
work=$(mktemp -d)
mount -t tmpfs tmpfs "$work"
mkdir "$work"/{up,wk,tokens,signer,signconf,unsigned,signed}
mount -t overlay overlay -o "lowerdir=$tree/usr:/usr" /usr
mount -t overlay overlay -o "lowerdir=/etc,upperdir=$work/up,workdir=$work/wk" /etc
mount -t tmpfs tmpfs /run
mkdir -p /run/opendnssec /etc/opendnssec
export SOFTHSM2_CONF=$work/softhsm2.conf
echo "directories.tokendir = $work/tokens" >"$SOFTHSM2_CONF"
softhsm2-util --init-token --slot 0 --label OpenDNSSEC --pin 1234 --so-pin 1234 >/dev/null
sed -e "s,/var/lib/opendnssec/enforcer,$work,; s,/var/lib/opendnssec/signer,$work/signer," \
	-e 's,<SkipPublicKey/>,,' \
	/usr/share/opendnssec/conf.xml >/etc/opendnssec/conf.xml
cat >"$work/zones.xml" <<Z
<ZoneList><Zone name="example"><Policy>p</Policy>
<SignerConfiguration>$work/signconf/example.xml</SignerConfiguration>
<Adapters><Input><Adapter type="File">$work/unsigned/example</Adapter></Input>
<Output><Adapter type="File">$work/signed/example</Adapter></Output></Adapters></Zone></ZoneList>
Z

# hsmkey TYPE [BITS]: the locator
hsmkey() { ods-hsmutil generate SoftHSM "$@" | sed -n 's/.*: \([0-9a-f]\{32\}\).*/\1/p' | tail -1; }
ksk=$(hsmkey ecdsa 256) zsk=$(hsmkey ecdsa 256) zsk2=$(hsmkey ecdsa 256)
zsk8=$(hsmkey rsa 1024)
# k FLAGS ALG LOCATOR USE...
k()
{
	local flags=$1 alg=$2 locator=$3 use
	shift 3
	printf '<Key><Flags>%s</Flags><Algorithm>%s</Algorithm><Locator>%s</Locator>' "$flags" "$alg" "$locator"
	for use; do printf '<%s/>' "$use"; done
	echo '</Key>'
}
usual="$(k 257 13 "$ksk" KSK Publish) $(k 256 13 "$zsk" ZSK Publish)"
hash='<Hash><Algorithm>1</Algorithm><Iterations>3</Iterations><Salt>ab01</Salt></Hash>'
# signconf DENIAL KEYS [MORE]
signconf()
{
	cat >"$work/signconf/example.xml" <<Z
<SignerConfiguration><Zone name="example">${3:-}
<Signatures><Resign>PT2H</Resign><Refresh>P3D</Refresh>
<Validity><Default>P10Y</Default><Denial>P10Y</Denial></Validity>
<Jitter>PT12H</Jitter><InceptionOffset>P6Y</InceptionOffset></Signatures>
<Denial>$1</Denial><Keys><TTL>PT3600S</TTL>$2</Keys>
<SOA><TTL>PT3600S</TTL><Minimum>PT300S</Minimum><Serial>counter</Serial></SOA>
</Zone></SignerConfiguration>
Z
}

daemon=
start()
{
	rm -f "$work"/signer/* "$work"/signed/*
	mkdir -p "$work/signer"
	ods-signerd -d >"$work/log" 2>&1 &
	daemon=$!
}
finish()
{
	kill -9 "$daemon"
	wait "$daemon" 2>/dev/null || true
	rm -f /run/opendnssec/*
}
# signed FILE: wait for a version with another serial than before
last=
signed()
{
	local n serial
	for ((n = 0; n < 100; n++)); do
		serial=$(awk '$4 == "SOA" { print $7; exit }' "$work/signed/example" 2>/dev/null || true)
		if [ -n "$serial" ] && [ "$serial" != "$last" ]; then
			last=$serial
			cp "$work/signed/example" "$1"
			return
		fi
		sleep 0.1
	done
	cat "$work/log" >&2
	return 1
}
# case_ NAME SED [FACT]: sign what is in unsigned/, then again after SED
case_()
{
	last=
	start
	if [ -n "${2:-}" ]; then
		signed "$out/$1.served"
		sed -i "$2" "$work/unsigned/example"
		ods-signer sign example >/dev/null
	fi
	signed "$out/$1.zone"
	finish
	{
		echo "now $(date +%s)"
		[ -z "${2:-}" ] || echo 'history algorithms any'
		[ -z "${3:-}" ] || echo "$3"
	} >"$out/$1.facts"
}
unsigned() { cat "$here/base.zone" >"$work/unsigned/example"; echo 'x.alias A 192.0.2.9' >>"$work/unsigned/example"; }

rm -f "$out"/ods-*
for denial in nsec nsec3 optout; do
	case $denial in
	nsec) xml='<NSEC/>' ;;
	nsec3) xml="<NSEC3>$hash</NSEC3>" ;;
	optout) xml="<NSEC3><OptOut/>$hash</NSEC3>" ;;
	esac
	signconf "$xml" "$usual"
	unsigned; case_ "ods-change-$denial" '$ a more A 192.0.2.10
/^srv/d; s/192.0.2.7/192.0.2.8/'
	unsigned; case_ "ods-secure-$denial" '$ a insecure.hollow DS 1 13 2 0000000000000000000000000000000000000000000000000000000000000000'
done
signconf '<NSEC/>' "$usual"
unsigned; sed -i 's/^ns A/ns 300 A/; s/^ns 300 A 192.0.2.7/ns 7200 A 192.0.2.7/; s/^ns AAAA/NS aAaA/' "$work/unsigned/example"
case_ ods-ttls ''
{
	echo '@ CDS 1 13 2 00'; echo '@ CDNSKEY 257 3 13 AAAA'
	echo '@ DNSKEY 257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ=='
	echo '@ ZONEMD 1 1 1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f'
} >"$work/more"
unsigned; cat "$work/more" >>"$work/unsigned/example"; case_ ods-literal ''
unsigned; signconf '<NSEC/>' "$(k 257 13 "$ksk" KSK ZSK Publish)"; case_ ods-csk ''
unsigned; signconf '<NSEC/>' "$usual $(k 385 13 "$zsk2" KSK Publish)"; case_ ods-revoked ''
unsigned; signconf '<NSEC/>' "$usual $(k 256 13 "$zsk2" Publish)"; case_ ods-smooth ''
unsigned; signconf '<NSEC/>' "$usual $(k 256 8 "$zsk8" ZSK)"; case_ ods-algorithm ''
unsigned; signconf '<NSEC/>' "$usual" '<Passthrough/>'; case_ ods-passthrough '' 'ds none'
rm -rf "$work" 2>/dev/null || true
