#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# Keys in files: each node has a SoftHSM of its own, as packages leave it, and
# tokens= of the state resource.  The source's keys arrive on the standby, which
# takes over and signs with them.  Not without Corosync's encryption.  About 4
# minutes.

load common

ZONE=a.lab-one.example
LATER=b.lab-one.example
TOKENS=/var/lib/softhsm/tokens

setup_file()
{
	pair_up && pair_zones n1 $ZONE &&
		pair_resources tokens=$TOKENS &&
		wait_for 60 "n1 is promoted" promoted_is n1 &&
		wait_for 60 "daemons run" daemons_on n1 &&
		wait_for 60 "$ZONE is published" published_on n1 $ZONE &&
		wait_for 60 "n2 is a holder" is_holder n2
}

teardown_file() { lab_end; }

# keys_of NODE: each key file of its tokens, with its content, mode and owner.
# A login writes token.object.
keys_of()
{
	node_sh "$1" $TOKENS <<-'EOS'
	cd "$1"
	find . -name '*.object' ! -name token.object |
		LC_ALL=C sort | while read -r f; do
			stat -c '%n %a %U %G' "$f"
			sha256sum "$f"
		done
	EOS
}

same_keys() { [ "$(keys_of n1)" = "$(keys_of n2)" ]; }

published_on() { node_exec "$1" test -s "$LAB_PUBLISHED/$2"; }
# shellcheck disable=SC2016 # awk's own fields
serial_on() { node_exec "$1" awk '$4 == "SOA" { print $7; exit }' "$LAB_PUBLISHED/$2"; }
serial_above() { serial_gt "$(serial_on "$1" "$2")" "$3"; }
# shellcheck disable=SC2016
dnskeys_on() { node_exec "$1" awk '$4 == "DNSKEY" { print $5, $7, $8 }' "$LAB_PUBLISHED/$2" | sort; }

# proven NODE COUNT: so many keys in use have signed there, and none is missing.
proven()
{
	node_exec "$1" ods-cluster status |
		grep -q "^Keys of the HSM in use: $2 proven here, 0 unproven, 0 missing, 0 different"
}

@test "the source's keys are on the standby, its own token is set aside" {
	wait_for 20 "the same keys" same_keys
	keys_of n2 | sed 's/^/# /' >&3
	[ "$(keys_of n2 | grep -c ' 600 ')" -ge 4 ] # two pairs
	node_exec n2 sh -c \
		'ls -d /var/lib/ocf-ods/quarantine/*/tokens/*/token.object'
	[ "$(node_exec n2 sh -c "ls $TOKENS/*/token.object | wc -l")" -eq 1 ]
}

@test "they sign there" {
	wait_for 120 "each key in use is proven on n2" proven n2 2
}

@test "a key that is made later arrives before what it signs" {
	zone_file $LATER 5 | node_write n1 "$ODS_VAR/unsigned/$LATER"
	node_exec n1 timeout 60 ods-enforcer zone add --zone $LATER \
		--policy nsec-unixtime
	wait_for 60 "$LATER is published" published_on n1 $LATER
	wait_for 5 "the same keys" same_keys
	[ "$(keys_of n2 | grep -c ' 600 ')" -ge 8 ]
}

@test "the standby takes over and signs with them" {
	local before serial
	wait_for 60 "n2 is a holder" is_holder n2
	before=$(dnskeys_on n1 $ZONE)
	[ -n "$before" ]
	serial=$(serial_on n1 $ZONE)
	node_kill n1
	wait_for 90 "n2 is promoted" promoted_is n2
	wait_for 60 "signer and enforcer on n2" daemons_on n2
	wait_for 30 "an edit is taken" zone_edit n2 $ZONE
	wait_for 60 "a new version" serial_above n2 $ZONE "$serial"
	[ "$(dnskeys_on n2 $ZONE)" = "$before" ]
	node_exec n2 ods-cluster verify $ZONE | grep -q ': ok,'
	node_exec n2 ldns-verify-zone -V 1 "$LAB_PUBLISHED/$ZONE"
}

@test "the former source has what was made meanwhile" {
	wait_for 90 "all nodes online" all_online
	wait_for 90 "n1 is a holder" is_holder n1
	wait_for 20 "the same keys" same_keys
	wait_for 180 "each key in use is proven on n1" proven n1 4
}

refused() { crm crm_mon -1 2>/dev/null | grep -q 'tokens= wants Corosync to encrypt'; }

crypto_is()
{
	node_sh n1 "$1" "$2" <<-'EOS'
	set -e
	pcs cluster stop --all
	pcs cluster config update crypto cipher="$1" hash="$2"
	pcs cluster start --all --wait=60
	EOS
}

@test "without Corosync's encryption nothing starts, and it says why" {
	crypto_is none none
	wait_for 90 "the reason is shown" refused
	run promoted_node
	[ -z "$output" ]
	crypto_is aes256 sha256
	wait_for 90 "a promoted node" promoted_node
	wait_for 60 "daemons run" daemons_on "$(promoted_node)"
}
