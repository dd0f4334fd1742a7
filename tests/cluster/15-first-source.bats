#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# Which node begins: each has a key database and a token of its own, as the
# packages' scriptlets make them.  About 3 minutes.

load common

setup() { pair_up; }
teardown() { lab_end; }

word() { node_attribute "$1" "ods-$2-state"; }
word_is() { [ "$(word "$1" "$2")" = "$3" ]; }
why_has() { [[ $(word "$1" why) == *"$2"* ]]; }
published() { node_exec "$1" test -s "$LAB_PUBLISHED/$2"; }
settled_on()
{
	wait_for 60 "$1 is promoted" promoted_is "$1" &&
		wait_for 60 "daemons on $1" daemons_on "$1" &&
		wait_for 60 "the other one is a holder" is_holder "$(other_node "$1")"
}

@test "one node has zones: it is promoted, though its id is the higher" {
	pair_zones n2 one.example two.example
	[ -z "$(zones_known n1)" ]
	pair_resources
	settled_on n2
	[ "$(zones_known n1)" = 'one.example two.example' ]
	[ "$(zones_known n2)" = 'one.example two.example' ]
	[ "$(keys_known n1)" = "$(keys_known n2)" ]
	wait_for 60 "signed and published" published n2 two.example
	wait_for 60 "status is ok" node_exec n1 ods-cluster status
}

@test "both have zones: nobody, until init says which" {
	pair_zones n1 one.example two.example
	pair_zones n2 three.example
	k1=$(keys_known n1) k2=$(keys_known n2)
	pair_resources
	wait_for 60 "n1 says why" why_has n1 \
		"2 zones, $k1 keys here and 1 zones, $k2 keys on n2: type ods-cluster init --source NODE"
	wait_for 20 "n2 says why" why_has n2 \
		"1 zones, $k2 keys here and 2 zones, $k1 keys on n1: type ods-cluster init --source NODE"
	for _ in 1 2 3 4 5 6 7 8; do
		[ -z "$(promoted_node)" ]
		sleep 1
	done
	[ -z "$(node_exec n1 pgrep -x 'ods-signerd|ods-enforcerd')" ]
	[ -z "$(node_exec n2 pgrep -x 'ods-signerd|ods-enforcerd')" ]
	run node_exec n1 ods-cluster status
	echo "$output"
	[ "$status" -eq 2 ]
	[[ ${lines[0]} == *'init --source NODE'* ]]

	# Nothing happens without a yes, nor for a node that is not there.
	run node_exec n1 ods-cluster init --source n2
	[ "$status" -ne 0 ] && [[ $output == *'nothing was changed'* ]]
	run node_exec n1 ods-cluster init --source n9 --yes
	[ "$status" -ne 0 ] && [[ $output == *'no node of that name'* ]]
	[ -z "$(promoted_node)" ]

	node_exec n1 ods-cluster init --source n2 --yes
	settled_on n2
	[ "$(zones_known n2)" = three.example ]
	[ "$(zones_known n1)" = three.example ]
	wait_for 60 "signed and published" published n2 three.example

	# What n1 had is set aside, with a list, and nothing of it is lost.
	aside=$(node_exec n1 sh -c "ls -d /var/lib/ocf-ods/quarantine/*")
	echo "$aside"
	[ "$(wc -l <<<"$aside")" -eq 1 ]
	node_exec n1 cat "$aside/list"
	db=$(node_exec n1 find "$aside" -name 'kasp.db*' -type f)
	[ "$(node_exec n1 sqlite3 "$db" 'SELECT name FROM zone ORDER BY name' |
		xargs)" = 'one.example two.example' ]
	[ "$(node_exec n1 sqlite3 "$db" 'SELECT COUNT(*) FROM hsmKey')" = "$k1" ]
	node_exec n1 grep -q one.example "$aside/list"
	[ -z "$(node_exec n2 sh -c 'ls /var/lib/ocf-ods/quarantine')" ]
}
