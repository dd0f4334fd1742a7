#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# ocf:ods:hsm and ods-hsm-probe: every action against fake PKCS#11 modules, one
# per misbehaviour, and against SoftHSM.  Root.  The installed files, or those
# that ODS_AGENTS, ODS_LIBEXEC and ODS_RUN name.

load wait

AGENTS=${ODS_AGENTS:-/usr/lib/ocf/resource.d/ods}
LIBEXEC=${ODS_LIBEXEC:-/usr/libexec/ocf-ods}
RUN=${ODS_RUN:-/run/ocf-ods}

setup_file() {
	export MOCK="$BATS_FILE_TMPDIR/mock"
	if [ -n "${ODS_MOCK:-}" ]; then
		MOCK=$ODS_MOCK
	elif [ -e "$BATS_TEST_DIRNAME/mock/lib/good.so" ]; then
		MOCK=$BATS_TEST_DIRNAME/mock/lib
	elif command -v cc >/dev/null && pkg-config p11-kit-1; then
		"$BATS_TEST_DIRNAME/mock/build.sh" "$MOCK"
	fi
}

setup() {
	T=$BATS_TEST_TMPDIR
	mkdir "$T/bin"
	cat >"$T/bin/attrd_updater" <<-X
		#!/bin/sh
		[ ! -e $T/attrd.down ] || exit 102
		echo "\$*" >>$T/attrd
	X
	chmod 755 "$T/bin/attrd_updater"
	PATH=$T/bin:$PATH
	: >"$T/attrd"
	printf 'MOCK_LOGINS=%s/logins\nMOCK_DOWN=%s/down\n' "$T" "$T" >"$T/env"
	export OCF_RESOURCE_INSTANCE=hsm-bats$$ OCF_RESKEY_conf=$T/conf.xml
	export OCF_RESKEY_envfile=$T/env OCF_RESKEY_probe_timeout=2
	export OCF_RESKEY_CRM_meta_timeout=30000
	STATE=$RUN/$OCF_RESOURCE_INSTANCE.state
	rm -f "$RUN"/pin-refused.*
}

teardown() {
	rm -f "$STATE" "$RUN"/pin-refused.*
}

need_mock() {
	[ -e "$MOCK/good.so" ] || skip "no compiler for the fake modules"
}

# bats takes no notice of "! command" before the last line.
refute() {
	if "$@"; then
		return 1
	fi
}

# conf MODULE TOKEN PIN [MODULE TOKEN PIN ...]
conf() {
	{
		echo '<?xml version="1.0"?><Configuration><RepositoryList>'
		i=1
		while [ $# -gt 0 ]; do
			echo "<Repository name=\"repo$i\"><Module>$1</Module>"
			echo "<TokenLabel>$2</TokenLabel>"
			[ -z "$3" ] || echo "<PIN>$3</PIN>"
			echo '</Repository>'
			shift 3
			i=$((i + 1))
		done
		echo '</RepositoryList><Common><PolicyFile>/etc/opendnssec/kasp.xml</PolicyFile>'
		echo '<ZoneListFile>/etc/opendnssec/zonelist.xml</ZoneListFile></Common>'
		echo '<Enforcer><Datastore><SQLite>/tmp/kasp.db</SQLite></Datastore>'
		echo '</Enforcer><Signer/></Configuration>'
	} >"$T/conf.xml"
}

hsm() {
	run "$AGENTS/hsm" "$@"
}

monitor() {
	OCF_RESKEY_CRM_meta_interval=10000 run "$AGENTS/hsm" monitor
	[ "$status" -eq 0 ]
}

attr() {
	sed -n 's/^attr=//p' "$STATE"
}

logins() {
	[ ! -e "$T/logins" ] || wc -c <"$T/logins"
}

probe() {
	run env MOCK_LOGINS="$T/logins" "$LIBEXEC/ods-hsm-probe" \
		--conf "$T/conf.xml" --timeout-ms 1000 "$@"
}

probing() {
	pgrep -f "ods-hsm-probe --conf $T" >/dev/null
}

@test "probe (interval 0): not running before start, running after it" {
	need_mock
	conf "$MOCK/good.so" mock 1234
	hsm monitor
	[ "$status" -eq 7 ]
	hsm start
	[ "$status" -eq 0 ]
	hsm monitor
	[ "$status" -eq 0 ]
	hsm stop
	[ "$status" -eq 0 ]
	hsm monitor
	[ "$status" -eq 7 ]
}

@test "start: ods-hsm ok, written once for many monitors; stop deletes it" {
	need_mock
	conf "$MOCK/good.so" mock 1234
	hsm start
	[ "$status" -eq 0 ]
	[ "$(attr)" = ok ]
	monitor
	monitor
	[ "$(cat "$T/attrd")" = "-n ods-hsm -U ok" ]
	hsm stop
	[ "$status" -eq 0 ]
	[ "$(tail -n 1 "$T/attrd")" = "-n ods-hsm -D" ]
	[ ! -e "$STATE" ]
	hsm stop
	[ "$status" -eq 0 ]
}

@test "start twice is once, and asserts the attribute again" {
	need_mock
	conf "$MOCK/good.so" mock 1234
	hsm start
	hsm start
	[ "$status" -eq 0 ]
	[ "$(grep -c -- '-U ok' "$T/attrd")" -eq 2 ]
}

@test "the attribute is told again after a minute without a change" {
	need_mock
	conf "$MOCK/good.so" mock 1234
	hsm start
	monitor
	[ "$(grep -c -- '-U ok' "$T/attrd")" -eq 1 ]
	sed -i 's/^written_s=.*/written_s=99999999999/' "$STATE"
	monitor
	monitor
	[ "$(grep -c -- '-U ok' "$T/attrd")" -eq 2 ]
}

@test "lost only after failures in a row, with rc 0; one success restores ok" {
	need_mock
	conf "$MOCK/good.so" mock 1234
	hsm start
	touch "$T/down"
	monitor
	monitor
	[ "$(attr)" = ok ]
	rm "$T/down"
	monitor
	touch "$T/down"
	monitor
	monitor
	[ "$(attr)" = ok ]
	monitor
	[ "$(attr)" = lost ]
	[ "$(tail -n 1 "$T/attrd")" = "-n ods-hsm -U lost" ]
	grep -q '^why=repository repo1: no slot has its token' "$STATE"
	rm "$T/down"
	monitor
	[ "$(attr)" = ok ]
	[ "$(tail -n 1 "$T/attrd")" = "-n ods-hsm -U ok" ]
}

@test "capacity_warn and the files that it reads are for ods-syncd" {
	need_mock
	conf "$MOCK/good.so" mock 1234
	hsm start
	[ "$status" -eq 0 ]
	grep -qx 'capacity_warn=90' "$STATE"
	grep -qx "conf=$T/conf.xml" "$STATE"
	grep -qx "envfile=$T/env" "$STATE"
	export OCF_RESKEY_capacity_warn=75
	monitor
	grep -qx 'capacity_warn=75' "$STATE"
	export OCF_RESKEY_capacity_warn=101
	hsm validate-all
	[ "$status" -eq 6 ]
	[[ "$output" == *"capacity_warn=101 is out of range"* ]]
}

@test "failures=1: lost at once" {
	need_mock
	export OCF_RESKEY_failures=1
	conf "$MOCK/slots-error.so" mock 1234
	hsm start
	[ "$status" -eq 0 ]
	[ "$(attr)" = lost ]
	grep -q 'CKR_DEVICE_ERROR' "$STATE"
}

@test "a module that gives no function list is there, and in error" {
	need_mock
	conf "$MOCK/no-list.so" mock 1234
	probe
	[ "$status" -eq 1 ]
	[[ "$output" == *"verdict=error detail=CKR_GENERAL_ERROR"* ]]
	hsm start
	[ "$status" -eq 0 ]
}

@test "a start without the HSM is a success, unknown at first" {
	need_mock
	conf "$MOCK/good.so" mock 1234
	touch "$T/down"
	hsm start
	[ "$status" -eq 0 ]
	[ "$(attr)" = unknown ]
	monitor
	monitor
	[ "$(attr)" = lost ]
}

@test "a slow HSM is ok, as long as it answers within probe_timeout" {
	need_mock
	export OCF_RESKEY_probe_timeout=8
	conf "$MOCK/slow.so" mock 1234
	hsm start
	monitor
	monitor
	monitor
	[ "$(attr)" = ok ]
	grep -q '^failed=0$' "$STATE"
	[ "$(cat "$T/attrd")" = "-n ods-hsm -U ok" ]
	export OCF_RESKEY_failures=1 OCF_RESKEY_probe_timeout=1
	monitor
	[ "$(attr)" = lost ]
	grep -q 'no answer in C_Login' "$STATE"
}

@test "faults of all kinds in a row are one outage, told once" {
	need_mock
	conf "$MOCK/good.so" mock 1234
	hsm start
	conf "$MOCK/slots-error.so" mock 1234
	monitor
	conf "$MOCK/good.so" other 1234
	monitor
	conf "$MOCK/crash.so" mock 1234
	monitor
	[ "$(attr)" = lost ]
	conf "$MOCK/good.so" mock 9999
	monitor
	conf "$MOCK/session-error.so" mock 1234
	monitor
	[ "$(cat "$T/attrd")" = "-n ods-hsm -U ok
-n ods-hsm -U lost" ]
	conf "$MOCK/good.so" mock 1234
	monitor
	[ "$(tail -n 1 "$T/attrd")" = "-n ods-hsm -U ok" ]
}

@test "a module that hangs is killed at probe_timeout" {
	need_mock
	conf "$MOCK/good.so" mock 1234
	hsm start
	for m in hang-initialize hang-login; do
		conf "$MOCK/$m.so" mock 1234
		begin=$(date +%s)
		monitor
		[ $(($(date +%s) - begin)) -le 10 ]
		wait_until 5 refute probing
	done
	[ "$(attr)" = ok ]
	monitor
	[ "$(attr)" = lost ]
	grep -q 'no answer in C_Login' "$STATE"
}

@test "an agent killed in the middle takes its probe along" {
	need_mock
	export OCF_RESKEY_probe_timeout=20
	conf "$MOCK/hang-login.so" mock 1234
	"$AGENTS/hsm" start 3>&- &
	pid=$!
	wait_until 10 probing
	kill -9 "$pid"
	wait_until 5 refute probing
}

@test "a module that dies, or hangs in C_Finalize, harms nobody" {
	need_mock
	conf "$MOCK/crash.so" mock 1234
	hsm start
	[ "$status" -eq 0 ]
	grep -q 'killed-in-C_Initialize' "$STATE"
	conf "$MOCK/hang-finalize.so" mock 1234
	monitor
	[ "$(attr)" = ok ]
}

@test "a module that writes on stdout cannot lie" {
	need_mock
	conf "$MOCK/chatter.so" other 1234
	probe
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 1 ]
	[[ "$output" == "repository=repo1 verdict=no-token"* ]]
}

@test "a wrong PIN is tried once, until conf.xml has an other one" {
	need_mock
	conf "$MOCK/good.so" mock 9999
	hsm start
	[ "$status" -eq 0 ]
	[ "$(logins)" -eq 1 ]
	monitor
	monitor
	[ "$(attr)" = lost ]
	[ "$(logins)" -eq 1 ]
	grep -q 'PIN refused' "$STATE"
	touch "$T/conf.xml"
	monitor
	[ "$(logins)" -eq 1 ]
	conf "$MOCK/good.so" mock 1234
	monitor
	[ "$(attr)" = ok ]
	[ "$(logins)" -eq 2 ]
}

@test "a wrong PIN is tried once more after pcs resource refresh" {
	need_mock
	conf "$MOCK/good.so" mock 9999
	hsm start
	monitor
	[ "$(logins)" -eq 1 ]
	hsm monitor # refresh makes Pacemaker probe
	[ "$status" -eq 0 ]
	monitor
	monitor
	[ "$(logins)" -eq 2 ]
}

@test "a wrong PIN: once per token, also for two repositories at once" {
	need_mock
	conf "$MOCK/good.so" mock 9999 "$MOCK/good.so" mock 9999
	for i in 1 2 3 4; do
		MOCK_LOGINS=$T/logins "$LIBEXEC/ods-hsm-probe" \
			--conf "$T/conf.xml" >"$T/out.$i" 3>&- &
	done
	wait
	[ "$(logins)" -eq 1 ]
	[ "$(cat "$T"/out.* | grep -c 'verdict=wrong-pin')" -eq 8 ]
}

@test "what a daemon was refused is noted for its repository, no login" {
	need_mock
	conf "$MOCK/good.so" mock 1234 "$MOCK/good.so" two 1234 \
		"$MOCK/good.so" three ''
	probe --refused repo1
	[ "$status" -eq 1 ]
	[[ "$output" == "repository=repo1 verdict=wrong-pin detail=noted"* ]]
	[ "${#lines[@]}" -eq 1 ]
	probe --guard
	[[ "${lines[0]}" == *"verdict=wrong-pin detail=refused-before"* ]]
	[[ "${lines[1]}" == *"verdict=ok"* ]]
	probe --refused 'no such'
	[ "${#lines[@]}" -eq 3 ]
	[[ "${lines[1]}" == *"verdict=wrong-pin detail=noted"* ]]
	[[ "${lines[2]}" == *"verdict=pin-not-set"* ]]
	[ -z "$(logins)" ]
	[ -z "$(find "$RUN" -name 'pin-refused.*' -exec grep -l 1234 {} +)" ]
}

@test "a locked token is not tried again either" {
	need_mock
	conf "$MOCK/locked.so" mock 1234
	hsm start
	monitor
	monitor
	[ "$(logins)" -eq 1 ]
	grep -q 'PIN refused' "$STATE"
}

@test "a PIN is never in a file of ours, in argv or in the log lines" {
	need_mock
	conf "$MOCK/good.so" mock 98765432
	hsm start
	[[ "$output" != *98765432* ]]
	refute grep -r 98765432 "$RUN"
	[ "$(stat -c %a "$RUN/pin-salt")" = 600 ]
}

@test "no PIN in conf.xml: unknown, and says so" {
	need_mock
	conf "$MOCK/good.so" mock ''
	hsm start
	[ "$status" -eq 0 ]
	[ "$(attr)" = unknown ]
	grep -q 'has no PIN in' "$STATE"
	[ -z "$(logins)" ]
}

@test "two repositories: one that hangs does not hide the other" {
	need_mock
	conf "$MOCK/hang-login.so" mock 1234 "$MOCK/good.so" mock 1234
	probe
	[ "$status" -eq 1 ]
	[[ "${lines[0]}" == "repository=repo1 verdict=hung detail=C_Login"* ]]
	[[ "${lines[1]}" == "repository=repo2 verdict=ok"* ]]
}

@test "missing module: rc 5 at start, and no attribute" {
	conf /no/such/module.so mock 1234
	hsm start
	[ "$status" -eq 5 ]
	[[ "$output" == *"module no-such-file: install it"* ]]
	[ ! -s "$T/attrd" ]
	[ ! -e "$STATE" ]
	hsm stop
	[ "$status" -eq 0 ]
}

@test "missing conf.xml: rc 5, and so is an unusable one; probe says 7" {
	export OCF_RESKEY_conf=$T/none.xml
	hsm start
	[ "$status" -eq 5 ]
	[[ "$output" == *"$T/none.xml"* ]]
	echo '<Configuration>' >"$T/conf.xml"
	export OCF_RESKEY_conf=$T/conf.xml
	hsm start
	[ "$status" -eq 5 ]
	[[ "$output" == *"ocf-exit-reason:"* ]]
	echo '<Configuration><Common/></Configuration>' >"$T/conf.xml"
	hsm start
	[ "$status" -eq 5 ]
	hsm monitor
	[ "$status" -eq 7 ]
}

@test "missing envfile: rc 5" {
	conf /no/such/module.so mock 1234
	export OCF_RESKEY_envfile=$T/none
	hsm start
	[ "$status" -eq 5 ]
	[[ "$output" == *"envfile"* ]]
}

@test "wrong values: rc 6 with the range; stop and probe tolerate them" {
	export OCF_RESKEY_failures=0
	hsm validate-all
	[ "$status" -eq 6 ]
	[[ "$output" == *"failures=0 is out of range"* ]]
	hsm start
	[ "$status" -eq 6 ]
	hsm stop
	[ "$status" -eq 0 ]
	hsm monitor
	[ "$status" -eq 7 ]
}

@test "validate-all: depth 0 needs no file, depth 10 looks at this node" {
	conf /no/such/module.so mock 1234
	hsm validate-all
	[ "$status" -eq 0 ]
	export OCF_CHECK_LEVEL=10
	hsm validate-all
	[ "$status" -eq 5 ]
	[[ "$output" == *"install it"* ]]
}

@test "without Pacemaker's attribute daemon all goes on, and it is told later" {
	need_mock
	conf "$MOCK/good.so" mock 1234
	touch "$T/attrd.down"
	hsm start
	[ "$status" -eq 0 ]
	monitor
	rm "$T/attrd.down"
	monitor
	[ "$(cat "$T/attrd")" = "-n ods-hsm -U ok" ]
	touch "$T/attrd.down"
	hsm stop
	[ "$status" -eq 0 ]
	[ ! -e "$STATE" ]
}

@test "reload-agent, meta-data, unknown action" {
	hsm reload-agent
	[ "$status" -eq 0 ]
	hsm meta-data
	[ "$status" -eq 0 ]
	[[ "$output" == *"capacity_warn"* ]]
	hsm promote
	[ "$status" -eq 3 ]
}

@test "SoftHSM: ok, wrong PIN, wrong token, no environment" {
	lib=$(find /usr/lib* -name libsofthsm2.so 2>/dev/null | head -n 1)
	[ -n "$lib" ] || skip "no SoftHSM"
	mkdir "$T/tokens"
	printf 'directories.tokendir = %s\n' "$T/tokens" >"$T/softhsm2.conf"
	echo "SOFTHSM2_CONF=$T/softhsm2.conf" >"$T/env"
	SOFTHSM2_CONF=$T/softhsm2.conf softhsm2-util --init-token --free \
		--label OpenDNSSEC --so-pin 12345678 --pin 4321
	conf "$lib" OpenDNSSEC 4321
	hsm start
	[ "$status" -eq 0 ]
	[ "$(attr)" = ok ]
	conf "$lib" OpenDNSSEC 1111
	monitor
	grep -q CKR_PIN_INCORRECT "$STATE"
	conf "$lib" Elsewhere 4321
	monitor
	grep -q 'no slot has its token' "$STATE"
	echo >"$T/env"
	conf "$lib" OpenDNSSEC 4321
	monitor
	[ "$(attr)" = lost ]
	echo "SOFTHSM2_CONF=$T/softhsm2.conf" >"$T/env"
	monitor
	[ "$(attr)" = ok ]
}

@test "the probe runs as the user of the daemons" {
	lib=$(find /usr/lib* -name libsofthsm2.so 2>/dev/null | head -n 1)
	[ -n "$lib" ] || skip "no SoftHSM"
	mkdir "$T/tokens"
	printf 'directories.tokendir = %s\n' "$T/tokens" >"$T/softhsm2.conf"
	echo "SOFTHSM2_CONF=$T/softhsm2.conf" >"$T/env"
	SOFTHSM2_CONF=$T/softhsm2.conf softhsm2-util --init-token --free \
		--label OpenDNSSEC --so-pin 12345678 --pin 4321
	conf "$lib" OpenDNSSEC 4321
	sed -i 's|<Signer/>|<Signer><Privileges><User>nobody</User></Privileges></Signer>|' \
		"$T/conf.xml"
	hsm start
	[ "$status" -eq 0 ]
	[ "$(attr)" = unknown ] # root alone can read that token
	grep -q 'is the HSM up' "$STATE" || grep -q 'the HSM answers' "$STATE"
}
