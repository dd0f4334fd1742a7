# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# What every story loads.

# shellcheck source=/dev/null
. "${BATS_TEST_DIRNAME:?}/lab.sh"

# Each test is a process of its own: find the lab that setup_file made.
setup() { lab_attach; }

# After a failure: what the cluster and our daemon say.
teardown()
{
	[ -n "${BATS_TEST_COMPLETED:-}" ] || story_state
}

lab_fresh()
{
	lab_down && lab_up
}

# lab_end: KEEP=1 leaves the lab for a look inside.
lab_end()
{
	[ -n "${KEEP:-}" ] || lab_down
}

# signed_serial NODE ZONE: of the signer's output there.
signed_serial()
{
	# shellcheck disable=SC2016 # awk's own fields
	node_exec "$1" awk '$4 == "SOA" { print $7; exit }' "$ODS_VAR/signed/$2"
}

signed_above() { serial_gt "$(signed_serial "$1" "$2")" "$3"; }

# observer_saw ZONE VERDICT: in its newest line.
observer_saw() { observer_last | grep -q " $1=[0-9]*,$2"; }

# clean_since FROM: the observer has nothing to complain of; told in any case.
clean_since()
{
	story_verdict "$1" | sed 's/^/# /' >&3
	return "${PIPESTATUS[0]}"
}
