#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# How the files beside this one were made: ods-enforcerd and ods-signerd of
# OpenDNSSEC 2.1 with SoftHSM, in a mount and a process namespace of their own
# (their sockets are one for the whole machine), as root.  The keys were made
# for this and are gone.
set -euo pipefail

D=$(cd "$(dirname "$0")" && pwd)
if [ "${1:-}" != inside ]; then
	exec unshare --mount --pid --fork --mount-proc bash "$0" inside
fi
mount -t tmpfs none /run/opendnssec
# shellcheck source=tests/agents/common.bash
. "$D/../../agents/common.bash"
BATS_FILE_TMPDIR=$(mktemp -d)
fixture_make
SOFTHSM2_CONF=$F/softhsm2.conf
export SOFTHSM2_CONF
sed -i 's/unixtime/counter/' "$F/kasp.xml"
z=example.org
cat >"$F/unsigned/$z" <<-END
	@ 3600 IN SOA ns hostmaster 1 3600 600 86400 60
	@ 3600 IN NS ns
	ns 3600 IN A 192.0.2.1
	text 3600 IN TXT ";" " ; two" ";;Zone: name x"
END
ods-enforcerd -c "$F/conf.xml"
until ods-enforcer running >/dev/null 2>&1; do sleep 0.2; done
ods-enforcer policy import
ods-enforcer zone add --zone $z --policy test -i "$F/unsigned/$z" \
	-o "$F/signed/$z" -s "$F/signconf/$z.xml"
until [ -s "$F/signconf/$z.xml" ]; do sleep 0.2; done
until grep -q $z "$F/enforcer/zones.xml"; do sleep 0.2; done
ods-signerd -c "$F/conf.xml"
until [ -s "$F/signer/$z.backup2" ]; do sleep 0.2; done
sleep 5
ods-signer sign $z
sleep 2
cp "$F/signer/$z.backup2" "$D/example.org.backup2"
cp "$F/signconf/$z.xml" "$D/example.org.xml"
stat -c %Y "$F/signconf/$z.xml"
rm -rf "$BATS_FILE_TMPDIR"
