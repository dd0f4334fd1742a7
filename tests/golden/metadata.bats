#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# What pcs and man show of each agent, word for word: a change shows up in
# review.  tests/golden/update.bash writes the files anew.

ODS_AGENTS=${ODS_AGENTS:-/usr/lib/ocf/resource.d/ods}
DIR=$BATS_TEST_DIRNAME

load update

same()
{
	diff -u "$DIR/metadata/$1.xml" <(golden_metadata "$ODS_AGENTS/$1") &&
	diff -u "$DIR/man/ocf_ods_$1.7" <(golden_man "$ODS_AGENTS/$1")
}

@test "enforcer: metadata and man page are the golden ones" { same enforcer; }
@test "signer: metadata and man page are the golden ones" { same signer; }
@test "hsm: metadata and man page are the golden ones" { same hsm; }
@test "state: metadata and man page are the golden ones" { same state; }

@test "golden metadata conforms to the OCF 1.1 schema" {
	for f in "$DIR"/metadata/*.xml; do
		xmllint --noout --nonet \
			--relaxng "$DIR/../data/ocf-ra-api-1.1.rng" "$f"
	done
}

@test "golden man pages have no fault that man sees" {
	command -v groff >/dev/null || skip "no groff"
	for f in "$DIR"/man/*.7; do
		run groff -man -Tutf8 -ww -z "$f"
		[ -z "$output" ]
	done
}
