#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# What every agent does in the same way, because one table drives it.

load common

AGENTS="enforcer signer hsm state"
SCHEMA=$BATS_TEST_DIRNAME/../data/ocf-ra-api-1.1.rng
PCS_SCHEMA=/usr/share/pcs/data/ocf-1.1.rng

# bare NAME ARGS...: any user, empty environment.
bare()
{
	local name=$1
	shift
	setpriv --reuid=65534 --regid=65534 --clear-groups \
		env -i "$ODS_AGENTS/$name" "$@" 3>&-
}

each()
{
	local a
	for a in $AGENTS; do
		"$@" "$a" || { echo "agent $a"; return 1; }
	done
}

metadata_conforms()
{
	local out=$BATS_TEST_TMPDIR/meta.xml err=$BATS_TEST_TMPDIR/err s
	bare "$1" meta-data >"$out" 2>"$err" && [ ! -s "$err" ] || return 1
	for s in "$SCHEMA" $PCS_SCHEMA; do
		[ ! -e "$s" ] ||
			xmllint --noout --nonet --relaxng "$s" "$out" || return 1
	done
}
@test "meta-data conforms to OCF 1.1 and to pcs, for any user, in silence" {
	each metadata_conforms
}

# pcs 0.11 knows these types alone.
types_are_old()
{
	! bare "$1" meta-data | grep -o '<content type="[a-z]*"' |
		grep -vE '"(string|integer|select|boolean)"'
}
@test "meta-data uses content types that every pcs knows" {
	each types_are_old
}

advertised_actions_exist()
{
	local x
	for x in $(bare "$1" meta-data |
		sed -n 's/^<action name="\([^"]*\)".*/\1/p' | sort -u); do
		case $x in meta-data | validate-all) continue ;; esac
		bare "$1" --help | grep -q "[{|]${x}[|}]" || return 1
	done
	for x in start stop monitor meta-data validate-all reload-agent; do
		bare "$1" meta-data | grep -q "<action name=\"$x\"" || return 1
	done
}
@test "every advertised action is known; the mandatory ones are there" {
	each advertised_actions_exist
}

monitor_roles()
{
	local n
	n=$(bare "$1" meta-data | grep '<action name="monitor"' |
		grep -c 'role=') || true
	if [ "$1" = state ]; then [ "$n" -eq 2 ]; else [ "$n" -eq 0 ]; fi
}
@test "only state has monitors with a role" { each monitor_roles; }

man_page_prints()
{
	bare "$1" --man | grep -q '^\.SH PARAMETERS' &&
		! bare "$1" --man | LC_ALL=C grep -q '[^ -~]'
}
@test "--man works for any user" { each man_page_prints; }

every_parameter_is_in_both()
{
	local p
	for p in $(bare "$1" meta-data |
		sed -n 's/^<parameter name="\([^"]*\)".*/\1/p'); do
		bare "$1" --man | grep -qx "\.B $p" || return 1
		bare "$1" --help | grep -q "^  $p " || return 1
	done
}
@test "metadata, man page and usage name the same parameters" {
	each every_parameter_is_in_both
}

reloadable_are_those_of_the_contract()
{
	! bare "$1" meta-data | grep 'reloadable="1"' | grep -E \
		'name="(conf|binary|pidfile|socket|envfile|state_dir|port|address|tokens)"'
}
@test "what names a daemon or a file is not reloadable" {
	each reloadable_are_those_of_the_contract
}

unknown_action_is_3()
{
	run bare "$1" no-such-action
	[ "$status" -eq $OCF_UNIMPLEMENTED ] && [[ $output == usage:* ]] || return 1
	run bare "$1"
	[ "$status" -eq $OCF_UNIMPLEMENTED ] || return 1
	run bare "$1" star
	[ "$status" -eq $OCF_UNIMPLEMENTED ]
}
@test "unknown, missing and half an action: 3 and the usage" {
	each unknown_action_is_3
}

wrong_conf_is_6()
{
	run env OCF_RESKEY_conf=relative "$ODS_AGENTS/$1" validate-all
	[ "$status" -eq $OCF_CONFIGURED ] && says "conf=relative"
}
@test "validate-all: a wrong value is 6 with a sentence" {
	each wrong_conf_is_6
}

values_alone()
{
	run bare "$1" validate-all
	[ "$status" -eq 0 ]
}
@test "validate-all at depth 0 needs nothing of the node" {
	each values_alone
}

reason_is_one_short_line()
{
	local long
	long=$(printf 'x%.0s' {1..500})
	run env OCF_RESKEY_conf="$long" "$ODS_AGENTS/$1" validate-all
	[ "$(grep -c ocf-exit-reason <<<"$output")" -eq 1 ] && says x
}
@test "exit reasons are one line of at most 128 bytes" {
	each reason_is_one_short_line
}

links_libc_alone()
{
	! ldd "$ODS_AGENTS/$1" | grep -vE 'linux-vdso|libc\.so|ld-linux|libasan|libubsan'
}
@test "agents link libc alone" { each links_libc_alone; }
