#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# What disks and crashes make of a zone is never published: a flipped bit, half
# a file, a backup2 that was cut at the end of a line, one whose serial went
# back.  The signer mends each by itself, and the observer sees nothing.
# docs/disasters.md says what happens without the guards.

# shellcheck disable=SC2016 # programs for awk and sh

load common

setup_file()
{
	story_start
	promoted_node >"$LAB_DIR/active"
}

teardown_file() { lab_end; }

setup()
{
	lab_attach
	active=$(<"$LAB_DIR/active")
	from=$(lab_now)
}

# harmless ZONE AWK: that version is not served for a moment; it is held, and
# the signer makes a good one.
harmless()
{
	local before offered
	before=$(ns_serial "$1")
	offered=$(date +%s)
	offer "$active" "$1" "$2"
	watched "$active" "$1" 5
	wait_for 20 "$1 is refused" said "$active" "$offered" \
		"held: zone $1: refused"
	wait_for 30 "the signer makes a good one" ns_above "$1" "$before"
	wait_for 20 "nothing is held any more" status_holds_none "$active"
	node_exec "$active" ods-cluster verify "$1" | grep -q ': ok,'
}

@test "bit: a flipped bit in a signature" {
	for z in a.lab-one.example d.lab-one.example g.lab-two.example; do
		harmless "$z" \
			'$4 == "RRSIG" && $5 == "A" && !done { done = 1; s = $NF; c = substr(s, 9, 1); $NF = substr(s, 1, 8) (c == "A" ? "B" : "A") substr(s, 10) } { print }'
	done
	clean_since "$from"
}

@test "half: a file that ends at a line in its middle" {
	for z in b.lab-one.example f.lab-two.example; do
		harmless "$z" 'NR <= lines / 2 { print }'
	done
	clean_since "$from"
}

@test "less: one record less, which is in the unsigned zone" {
	harmless i.lab-three.example '$1 ~ /^h7\./ { next } { print }'
	clean_since "$from"
}

@test "cut: a backup2 cut at the end of a line" {
	z=h.lab-two.example
	serial=$(ns_serial "$z")
	with_signer_stopped "$active" "$z" \
		'head -n $(($(wc -l <"$1") / 4)) "$1" >"$1.x" && chown --reference="$1" "$1.x" && mv "$1.x" "$1"'
	wait_for 30 "an edit is taken" zone_edit "$active" "$z"
	watched "$active" "$z" 10
	wait_for 60 "a new version" ns_above "$z" "$serial"
	clean_since "$from"
}

@test "counter: a backup2 whose serial went back" {
	z=e.lab-two.example
	for ((i = 0; i < 3; i++)); do
		serial=$(ns_serial "$z")
		wait_for 30 "an edit is taken" zone_edit "$active" "$z"
		wait_for 30 "a new version" ns_above "$z" "$serial"
	done
	serial=$(ns_serial "$z")
	with_signer_stopped "$active" "$z" \
		'sed -i -E "s/(internal|outbound) [0-9]+/\1 1/g" "$1"'
	wait_for 30 "an edit is taken" zone_edit "$active" "$z"
	watched "$active" "$z" 10 "$serial"
	wait_for 60 "a serial above the last one" ns_above "$z" "$serial"
	clean_since "$from"
}
