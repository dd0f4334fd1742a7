#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# Thirty zones, and all that their owners and operators may do, at random, for
# MINUTES (20) from SEED (1): no version is held for what it is.  At the end
# every zone is what ods-cluster verify and dnssec-verify call good.
#
# Keys live as the policies say, with TTLs of seconds; the observer's anchors
# would not follow the KSKs, so it does not look.

load common

# Rollovers take minutes instead of weeks; no TTL is above what the policy says
# (lab-roll: 300).
# shellcheck disable=SC2034 # the lab reads it
KASP=([resign]=PT1M [refresh]=PT1H [validity]=PT2H [jitter]=PT10M [salt]=8
	[ttl]=PT10S [maxttl]=PT5M [safety]=PT30S [purge]=PT5M [delay]=PT10S)

POLICIES=(nsec-unixtime nsec3-unixtime optout-unixtime rsa-unixtime)

zones_list()
{
	local i
	for ((i = 1; i <= 30; i++)); do
		printf 'z%02d.roll.example %s %d\n' "$i" \
			"${POLICIES[i % ${#POLICIES[@]}]}" $((i * 3 + 5))
	done
}

setup_file()
{
	export LAB_ZONES=$BATS_FILE_TMPDIR/zones
	zones_list >"$LAB_ZONES"
	local rpm
	rpm=$(lab_rpm) && lab_down && lab_up && cluster_form && ods_configure &&
		ns_configure && install_rpm "$rpm" && cluster_create &&
		wait_for 60 "a promoted node" promoted_node || return 1
	wait_for 60 "signer and enforcer" daemons_on "$(promoted_node)" &&
		zones_write "$(promoted_node)" && zones_add "$(promoted_node)" &&
		story_sign "$(promoted_node)" &&
		wait_for 90 "ns serves every zone" ns_serves_all &&
		wait_for 60 "a holder" standbys_hold "$(promoted_node)"
}

teardown_file() { lab_end; }

# What ods-syncd has held, of NODE, since TIME; not what the signer is about
# to mend by itself: a backup2 that is late, a first version without RRSIG of
# its SOA.
held_since()
{
	node_exec "$1" journalctl -q -o short-unix -t ods-syncd \
		--since "@${2%.*}" | grep -E ' held: |in spite of' |
		grep -v 'waiting for the signer to write its backup2'
}

@test "nothing is held in ${MINUTES:-20} minutes of edits and rollovers" {
	n=$(promoted_node)
	from=$(lab_now)
	node_exec "$n" /usr/local/sbin/lab-roll $((${MINUTES:-20} * 60)) \
		"${SEED:-1}" "${POLICIES[@]}" >"$LAB_DIR/roll"
	awk '{ $1 = $2 = ""; count[$0]++ } END { for (w in count) print count[w], w }' \
		"$LAB_DIR/roll" | sort -rn | sed 's/^/# /' >&3
	# what was to happen has happened
	for w in 'rollover ZSK 0' 'rollover KSK 0' 'policy' 'resalt 0' 'ds-seen 0' \
		'edit delegation 0' 'edit less 0'; do
		grep -q " $w" "$LAB_DIR/roll" || { echo "no $w"; return 1; }
	done
	echo "$from" >"$LAB_DIR/from"
	held_since "$n" "$from" >"$LAB_DIR/held" || true
	sed 's/^/# held: /' "$LAB_DIR/held" | tail -20 >&3
	[ ! -s "$LAB_DIR/held" ]
}

@test "what is served of each zone is good, by our word and by dnssec-verify" {
	n=$(promoted_node)
	wait_for 180 "the enforcer has no more to do" enforcer_idle "$n"
	node_exec "$n" ods-cluster verify >"$LAB_DIR/verified" || true
	grep -v ': ok,' "$LAB_DIR/verified" | sed 's/^/# /' >&3
	[ "$(grep -c ': ok,' "$LAB_DIR/verified")" -eq "$(zone_count)" ]
	for z in $(zones); do
		node_exec "$n" dnssec-verify -q -x -o "$z" \
			"$LAB_PUBLISHED/$z" || return 1
	done
}

@test "each zone went through versions, and none is stuck" {
	n=$(promoted_node)
	from=$(<"$LAB_DIR/from")
	ns_history "$from" | awk '{ print $2 }' | sort | uniq -c | awk '{ print $1 }' |
		distribution | sed 's/^/# versions of a zone: /' >&3
	[ "$(ns_history "$from" | awk '{ print $2 }' | sort -u | wc -l)" -eq \
		"$(zone_count)" ]
	edits_arrive
}
