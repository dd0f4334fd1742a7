#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# What disks, crashes and copies make of a zone is never published: a flipped
# bit, half a file, a backup2 that was cut at the end of a line, one whose
# serial went back.  The signer mends each by itself, and the observer sees
# nothing.

# shellcheck disable=SC2016 # programs for awk and sh

load common

setup_file()
{
	story_start
	lab_now >"$LAB_DIR/from"
	promoted_node >"$LAB_DIR/active"
}

teardown_file() { lab_end; }

active() { cat "$LAB_DIR/active"; }

# offer ZONE AWK: the signed file as the program makes it, one serial on, put in
# the place of the signer's.
offer()
{
	node_sh "$(active)" "$ODS_VAR/signed/$1" "$2" <<-'EOS'
	awk -v lines="$(wc -l <"$1")" '
		$4 == "SOA" { $7++ }
		'"$2" "$1" >"$1.bad" && chown --reference="$1" "$1.bad" &&
		mv "$1.bad" "$1"
	EOS
}

# refused ZONE: our daemon has said that it holds it.
refused()
{
	node_exec "$(active)" journalctl -q -o cat -t ods-syncd \
		--since "@$offered" | grep -q "held: zone $1: refused"
}

status_holds() { node_exec "$(active)" ods-cluster status | grep -q "^Held: $1,"; }
status_holds_none() { ! node_exec "$(active)" ods-cluster status | grep -q '^Held: '; }

# held_and_mended ZONE AWK
held_and_mended()
{
	local before
	before=$(ns_serial "$1")
	offered=$(date +%s)
	offer "$1" "$2"
	wait_for 20 "$1 is refused" refused "$1"
	wait_for 30 "the signer makes a good one" ns_above "$1" "$before"
	wait_for 20 "nothing is held any more" status_holds_none
	node_exec "$(active)" ods-cluster verify "$1" | grep -q ': ok,'
}

@test "a flipped bit in a signature" {
	for z in a.lab-one.example d.lab-one.example g.lab-two.example; do
		held_and_mended "$z" \
			'$4 == "RRSIG" && $5 == "A" && !done { done = 1; s = $NF; c = substr(s, 9, 1); $NF = substr(s, 1, 8) (c == "A" ? "B" : "A") substr(s, 10) } { print }'
	done
	clean_since "$(<"$LAB_DIR/from")"
}

@test "a file that ends at a line in its middle" {
	for z in b.lab-one.example f.lab-two.example; do
		held_and_mended "$z" 'NR <= lines / 2 { print }'
	done
	clean_since "$(<"$LAB_DIR/from")"
}

@test "one record less, which is in the unsigned zone" {
	held_and_mended i.lab-three.example \
		'$1 ~ /^h7\./ { next } { print }'
	clean_since "$(<"$LAB_DIR/from")"
}

signer_stops() { ! runs_on signer "$1"; }

# with_signer_stopped SCRIPT ZONE: what happens to files meanwhile.
with_signer_stopped()
{
	local n
	n=$(active)
	crm pcs resource disable signer
	wait_for 60 "the signer has stopped" signer_stops "$n"
	node_sh "$n" "$ODS_VAR/signer/$2.backup2" <<<"$1"
	crm pcs resource enable signer
	wait_for 60 "the signer runs" runs_on signer "$n"
}

# rrs NODE ZONE: of what is published, signatures and chain apart.
rrs()
{
	node_exec "$1" awk '$4 !~ /^(RRSIG|NSEC|NSEC3|NSEC3PARAM|DNSKEY)$/ && !/^;/ { n++ } END { print n }' \
		"$LAB_PUBLISHED/$2"
}

@test "a backup2 cut at the end of a line" {
	n=$(active) z=h.lab-two.example
	before=$(rrs "$n" "$z")
	serial=$(ns_serial "$z")
	with_signer_stopped \
		'head -n $(($(wc -l <"$1") / 4)) "$1" >"$1.x" && chown --reference="$1" "$1.x" && mv "$1.x" "$1"' \
		"$z"
	wait_for 30 "an edit is taken" zone_edit "$n" "$z"
	wait_for 60 "a new version" ns_above "$z" "$serial"
	[ "$(rrs "$n" "$z")" -eq "$before" ]
	clean_since "$(<"$LAB_DIR/from")"
}

@test "a backup2 whose serial went back" {
	n=$(active) z=e.lab-two.example
	for ((i = 0; i < 3; i++)); do
		serial=$(ns_serial "$z")
		zone_edit "$n" "$z"
		wait_for 30 "a new version" ns_above "$z" "$serial"
	done
	serial=$(ns_serial "$z")

	with_signer_stopped 'sed -i -E "s/(internal|outbound) [0-9]+/\1 1/g" "$1"' \
		"$z"
	wait_for 30 "an edit is taken" zone_edit "$n" "$z"
	wait_for 60 "a serial above the last one" ns_above "$z" "$serial"
	clean_since "$(<"$LAB_DIR/from")"
}
