#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# The examples as pcs makes them, and where the scheduler places them: what
# is stored in cib/ was read and found right (cib/update.sh makes it anew).

setup_file()
{
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	mkdir "$BATS_FILE_TMPDIR/out"
	for e in cib-examples/*.pcs.sh; do
		tests/golden/cib/simulate.sh "$e" "$BATS_FILE_TMPDIR/out" \
			2>"$BATS_FILE_TMPDIR/log" ||
			{ cat "$BATS_FILE_TMPDIR/log"; return 1; }
	done
}

# placed STORY: of the two-node example.
placed()
{
	local f=10-two-node.$1.txt
	diff -u "$BATS_TEST_DIRNAME/cib/$f" "$BATS_FILE_TMPDIR/out/$f"
}

@test "the XML examples are those that the pcs scripts make" {
	local f
	for f in "$BATS_FILE_TMPDIR"/out/*.xml; do
		diff -u "$BATS_TEST_DIRNAME/../../cib-examples/${f##*/}" "$f"
	done
}

@test "every stored placement has its story" {
	diff <(cd "$BATS_TEST_DIRNAME/cib" && ls -- *.txt) \
		<(cd "$BATS_FILE_TMPDIR/out" && ls -- *.txt)
}

@test "the enforcer is banned from n1: the role stays" { placed enforcer-banned; }
@test "the enforcer is held: only it stops" { placed enforcer-held; }
@test "the first start: n1 may be promoted, n2 not yet" { placed first; }
@test "n1 has its HSM again: nothing goes back" { placed hsm-back; }
@test "then the enforcer follows, and it stays on n2" { placed hsm-lost-moved; }
@test "both lost the HSM: nothing moves" { placed hsm-lost-on-both; }
@test "n1 lost its HSM, n2 has it: the service moves once" { placed hsm-lost-on-source; }
@test "n2 has no HSM and n1 is lost: n2 takes over, it can publish" { placed hsm-lost-on-standby-node-lost; }
@test "n2 lost its HSM: nothing moves" { placed hsm-lost-on-standby; }
@test "n1 lost its HSM, n2 is the worse one: nothing moves" { placed hsm-lost-preference; }
@test "the enforcer is held, but its rule is taken out" { placed mutant-enforcer-rule; }
@test "n1 lost its HSM, but influence=false is taken out" { placed mutant-influence; }
@test "n1 is lost, n2 is no holder: nobody is promoted" { placed node-lost-not-ready; }
@test "n1 is lost: fenced, then n2 takes all over" { placed node-lost; }
@test "pcs node standby n1: all of it moves" { placed node-standby; }
@test "both are well: nothing happens" { placed running; }
@test "the signer failed three times: the role stays" { placed signer-failed; }
