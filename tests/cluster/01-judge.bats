#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# The judge of the observer's journal: made-up journals, one fault each.

setup()
{
	judge=$BATS_TEST_DIRNAME/judge
	j=$BATS_TEST_TMPDIR/journal
	awk 'BEGIN { for (i = 0; i < 10; i++)
		printf "%d.001 30 a.example=%d,secure b.example=7,secure\n",
			1000 + i, 5 + i }' >"$j"
}

count() { sed -n "s/^$1 //p" <<<"$output"; }

# verdict STATUS WORD NUMBER [OPTION...]
verdict()
{
	run "$judge" "${@:4}" "$j"
	echo "$output"
	[ "$status" -eq "$1" ] && [ "$(count "$2")" = "$3" ]
}

@test "a clean journal passes" {
	verdict 0 rounds 10
	[ "$(count longest_gap)" = 1.0 ]
}

@test "a bogus answer fails" {
	sed -i '4s/b.example=7,secure/b.example=7,bogus,SOA/' "$j"
	verdict 1 bogus 1
}

@test "an insecure answer fails" {
	sed -i '4s/b.example=7,secure/b.example=7,insecure,A/' "$j"
	verdict 1 insecure 1
}

@test "an answer that does not come fails" {
	sed -i '4s/b.example=7,secure/b.example=0,noanswer,SOA/' "$j"
	verdict 1 missing 1
	[ "$(count longest_gap)" = 2.0 ]
}

@test "a missing line is a missing answer for every zone" {
	sed -i '4,5d' "$j"
	verdict 1 missing 4
	[ "$(count longest_gap)" = 3.0 ]
}

@test "a serial that goes backward fails" {
	sed -i '6s/a.example=10/a.example=4/' "$j"
	verdict 1 regressions 1
}

@test "a serial may wrap" {
	sed -i '1,5s/b.example=7/b.example=4294967290/' "$j"
	verdict 0 regressions 0
}

@test "the name server's own log counts too" {
	printf '%s\n' '1001.5 b.example 9' '1002.5 b.example 8' >"$j.serials"
	verdict 1 regressions 1 -s "$j.serials"
}

@test "a time before -f does not count" {
	sed -i '2s/b.example=7,secure/b.example=7,bogus,SOA/' "$j"
	verdict 0 bogus 0 -f 1003
}

@test "a journal that ends early proves nothing" {
	verdict 2 rounds 10 -t 1020
}

@test "an empty journal proves nothing" {
	: >"$j"
	verdict 2 rounds 0
}

@test "a line that is no round proves nothing" {
	echo 'observer: killed' >>"$j"
	verdict 2 rounds 10
}
