#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# ocf:ods:state with the real ods-syncd, on a cluster of this machine alone.

load common
load one-node

OCF_PROMOTED=8

setup_file()
{
	fixture_make
	fixture_quiet
	fixture_zones 1
	one_node_up
}

teardown_file() { one_node_down; }

setup()
{
	D=$BATS_TEST_TMPDIR/state
}

teardown()
{
	local p
	for p in $(syncds); do kill -KILL "$p" 2>/dev/null || true; done
	wait_until 20 no_syncd
	rm -f "$OCF_RUN"/test-*.{state,sock}
	# The next state_dir is another history; the CIB is the same.
	for p in test-state test-second; do
		crm_attribute -q -t crm_config -s "ods-$p" \
			-n "ods-record-$p" -D >/dev/null 2>&1 || true
	done
	fixture_quiet
}

# syncds: the processes of ods-syncd that work for these tests.
syncds()
{
	local p
	for p in $(pgrep -x ods-syncd); do
		grep -qszF "$BATS_FILE_TMPDIR" "/proc/$p/cmdline" && echo "$p"
	done
	true
}
no_syncd() { [ -z "$(syncds)" ]; }

# state ACTION [VAR=VALUE...]: an instance of a promotable clone.
state()
{
	local action=$1
	shift
	agent state "$action" CRM_meta_promoted_max=1 envfile= timeout=60000 \
		state_dir="$D" "$@"
}

source_up()
{
	expect $OCF_SUCCESS state start
	expect $OCF_SUCCESS state promote
	expect $OCF_PROMOTED state monitor interval=10000
}

# kill_both: parent and worker at once; their threads end one by one.
kill_both()
{
	local parent worker
	parent=$(state_of state parent) worker=$(state_of state worker)
	kill -KILL "$parent" "$worker"
	wait_until 20 gone "$parent"
	wait_until 20 gone "$worker"
}

# told WORD: a value of the daemon's own status.
told()
{
	echo status | socat -t10 - "UNIX-CONNECT:$OCF_RUN/test-state.sock,type=5" |
		sed -n "s/^$1=//p"
}

# recorded FIELD: of the record in the ledger, after its origin; 2 term, 9 open.
recorded()
{
	sqlite3 "$D/ledger.db" "SELECT value FROM local WHERE key = 'record'" |
		cut -d' ' -f$(($1 + 1))
}

# another_worker PID: monitors see a worker that is not PID, at its work.
another_worker()
{
	local pid
	pid=$(state_of state worker)
	[ -n "$pid" ] && [ "$pid" != "$1" ] && [ "$(told term)" -gt 0 ]
}

state_nothing_left()
{
	[ -z "$(syncds)" ] || { echo "ods-syncd lives"; return 1; }
	[ ! -e "$OCF_RUN/test-state.state" ] &&
		[ ! -e "$OCF_RUN/test-state.sock" ] &&
		{ [ ! -e "$D/lock" ] || flock -n "$D/lock" true; }
}

@test "each action twice: start, promote, demote, stop" {
	expect $OCF_NOT_RUNNING state monitor
	expect $OCF_SUCCESS state start
	expect $OCF_SUCCESS state monitor
	expect $OCF_SUCCESS state monitor interval=11000
	expect $OCF_SUCCESS state start
	expect $OCF_SUCCESS state monitor
	expect $OCF_SUCCESS state promote
	expect $OCF_PROMOTED state monitor
	expect $OCF_PROMOTED state monitor interval=10000
	term=$(told term)
	expect $OCF_SUCCESS state promote
	[ "$(told term)" = "$term" ]
	[ "$(told role)" = source ]
	expect $OCF_SUCCESS state reload-agent
	expect $OCF_SUCCESS state demote
	expect $OCF_SUCCESS state monitor
	[ "$(recorded 9)" = 0 ]
	expect $OCF_SUCCESS state demote
	expect $OCF_SUCCESS state stop
	expect $OCF_NOT_RUNNING state monitor
	state_nothing_left
	zones_in_place
	expect $OCF_SUCCESS state stop
	state_nothing_left
}

zones_in_place() { [ -e "$F/enforcer/zones.xml" ] && ! zones_held; }
zones_held() { [ -e "$F/enforcer/zones.xml.ods-held" ]; }
ask_kasp() { sqlite3 "$F/kasp.db" 'SELECT COUNT(*) FROM zone'; }

@test "a demoted node locks database and zone list; promote and stop free them" {
	source_up
	zones_in_place
	[ "$(ask_kasp)" -eq 1 ]
	expect $OCF_SUCCESS state demote
	zones_held
	[ ! -e "$F/enforcer/zones.xml" ]
	run ask_kasp
	echo "$output"
	[[ $output == *locked* ]]
	expect $OCF_SUCCESS state promote
	zones_in_place
	[ "$(ask_kasp)" -eq 1 ]
	expect $OCF_SUCCESS state demote
	kill_both # too late to put anything back
	zones_held
	[ "$(ask_kasp)" -eq 1 ]
	expect $OCF_SUCCESS state stop
	zones_in_place
	state_nothing_left
}

@test "nothing runs: promote and demote say so, stop is done" {
	expect $OCF_NOT_RUNNING state monitor interval=10000
	expect $OCF_NOT_RUNNING state promote
	expect $OCF_NOT_RUNNING state demote
	expect $OCF_SUCCESS state stop
	expect $OCF_UNIMPLEMENTED state notify
	expect $OCF_UNIMPLEMENTED state migrate_to
	state_nothing_left
}

@test "a promoted one is started: it is demoted" {
	source_up
	expect $OCF_SUCCESS state start
	expect $OCF_SUCCESS state monitor
	[ "$(recorded 9)" = 0 ]
}

@test "a promoted one is stopped: its record is closed, nothing is left" {
	source_up
	[ "$(recorded 9)" = 1 ]
	expect $OCF_SUCCESS state stop
	[ "$(recorded 9)" = 0 ]
	state_nothing_left
}

@test "the state comes back: the next promote mints the next term" {
	source_up
	term=$(told term)
	expect $OCF_SUCCESS state stop
	source_up
	[ "$(told term)" -gt "$term" ]
}

@test "demote and promote at once, again and again" {
	source_up
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		expect $OCF_SUCCESS state demote
		expect $OCF_SUCCESS state promote
		expect $OCF_PROMOTED state monitor interval=10000
	done
}

@test "the worker is killed: a new one, still promoted, a new term" {
	source_up
	worker=$(state_of state worker) parent=$(state_of state parent)
	term=$(told term)
	kill -KILL "$worker"
	expect $OCF_PROMOTED state monitor interval=10000
	wait_until 60 another_worker "$worker"
	expect $OCF_PROMOTED state monitor interval=10000
	[ "$(state_of state parent)" = "$parent" ]
	wait_until 60 eval '[ "$(told role)" = source ]'
	[ "$(told term)" -gt "$term" ]
	expect $OCF_SUCCESS state promote
	expect $OCF_SUCCESS state stop
	state_nothing_left
}

@test "the worker of an unpromoted one is killed: a new one, unpromoted" {
	source_up
	expect $OCF_SUCCESS state demote
	worker=$(state_of state worker)
	kill -KILL "$worker"
	expect $OCF_SUCCESS state monitor interval=11000
	wait_until 60 another_worker "$worker"
	expect $OCF_SUCCESS state monitor interval=11000
	[ "$(told role)" != source ]
}

@test "the worker dies again and again: the parent gives up and says so" {
	source_up
	for turn in 1 2 3; do
		worker=$(state_of state worker)
		kill -KILL "$worker"
		[ $turn -eq 3 ] || wait_until 60 another_worker "$worker"
	done
	wait_until 60 no_syncd
	expect $OCF_NOT_RUNNING state monitor interval=10000
	says 'ods-syncd has died'
	expect $OCF_SUCCESS state stop
	state_nothing_left
}

@test "both processes are killed: not running; stop closes the record" {
	source_up
	term=$(told term)
	kill_both
	expect $OCF_NOT_RUNNING state monitor interval=10000
	says 'ods-syncd has died: see its log'
	[ "$(recorded 9)" = 1 ]
	expect $OCF_SUCCESS state stop
	[ "$(recorded 9)" = 0 ]
	[ "$(recorded 2)" = "$term" ]
	state_nothing_left
	source_up
	[ "$(told term)" -gt "$term" ]
}

@test "source of an open record, never promoted again: stop closes it" {
	source_up
	kill_both
	expect $OCF_SUCCESS state start
	expect $OCF_SUCCESS state monitor interval=11000
	[ "$(recorded 9)" = 1 ]
	expect $OCF_SUCCESS state stop
	[ "$(recorded 9)" = 0 ]
	state_nothing_left
}

@test "the parent alone is killed: stop ends the worker" {
	source_up
	kill -KILL "$(state_of state parent)"
	expect $OCF_SUCCESS state stop
	[ "$(recorded 9)" = 0 ]
	state_nothing_left
}

@test "both are killed and the signer runs: stop does not succeed" {
	source_up
	expect $OCF_SUCCESS agent signer start timeout=60000
	kill_both
	expect $OCF_GENERIC state stop
	says 'ods-signerd or ods-enforcerd still runs here'
	[ "$(recorded 9)" = 1 ]
	expect $OCF_SUCCESS agent signer stop
	expect $OCF_SUCCESS state stop
	[ "$(recorded 9)" = 0 ]
}

@test "the worker hangs: the parent replaces it, still promoted" {
	source_up
	worker=$(state_of state worker)
	kill -STOP "$worker"
	since=$SECONDS
	wait_until 60 gone "$worker"
	echo "after $((SECONDS - since)) s"
	[ $((SECONDS - since)) -le 15 ]
	wait_until 60 another_worker "$worker"
	expect $OCF_PROMOTED state monitor interval=10000
}

@test "a daemon without a state file, as after a start cut off: stop ends it" {
	source_up
	kill -STOP "$(state_of state parent)" "$(state_of state worker)"
	rm "$OCF_RUN/test-state.state"
	expect $OCF_NOT_RUNNING state monitor
	expect $OCF_SUCCESS state stop
	[ "$(recorded 9)" = 0 ]
	state_nothing_left
}

@test "both hang: monitor fails after 30 s, stop ends them" {
	source_up
	kill -STOP "$(state_of state parent)" "$(state_of state worker)"
	expect $OCF_PROMOTED state monitor interval=10000
	awk -F= '$1 == "time" { $0 = "time=" $2 - 31000 } { print }' \
		"$OCF_RUN/test-state.state" >"$BATS_TEST_TMPDIR/old"
	cat "$BATS_TEST_TMPDIR/old" >"$OCF_RUN/test-state.state"
	expect $OCF_GENERIC state monitor interval=10000
	says 'silent for more than 30 s'
	expect $OCF_SUCCESS state stop
	[ "$(recorded 9)" = 0 ]
	state_nothing_left
}

@test "outside a promotable clone: start says how to make one" {
	expect $OCF_CONFIGURED state start CRM_meta_promoted_max=
	says 'pcs resource promotable test-state'
	state_nothing_left
}

@test "a second resource on the same directory: start says what to do" {
	expect $OCF_SUCCESS state start
	run env -i PATH="$PATH" OCF_ROOT=/usr/lib/ocf \
		OCF_RESOURCE_INSTANCE=test-second \
		OCF_RESKEY_CRM_meta_promoted_max=1 \
		OCF_RESKEY_CRM_meta_timeout=60000 OCF_RESKEY_port=6406 \
		OCF_RESKEY_conf="$F/conf.xml" OCF_RESKEY_state_dir="$D" \
		"$ODS_AGENTS/state" start 3>&-
	[ "$status" -eq 1 ]
	says 'give each state resource its own state_dir'
	expect $OCF_SUCCESS state monitor
}

@test "conf.xml is missing: start and the deep check say what to set" {
	expect $OCF_INSTALLED state start conf=/nowhere/conf.xml
	says 'install opendnssec or set conf='
	expect $OCF_INSTALLED state validate-all level=10 conf=/nowhere/conf.xml
	says '/nowhere/conf.xml'
	expect $OCF_SUCCESS state validate-all conf=/nowhere/conf.xml
	expect $OCF_NOT_RUNNING state monitor conf=/nowhere/conf.xml
	expect $OCF_SUCCESS state stop conf=/nowhere/conf.xml
	state_nothing_left
}

@test "publish_command's program is missing: validate-all says what to install" {
	expect $OCF_INSTALLED state validate-all level=10 \
		publish_command='no-such-program %zone'
	says 'no-such-program is missing or not executable: install it'
	expect $OCF_SUCCESS state validate-all publish_command=no-such-program
	# A standby may have no name server.
	expect $OCF_SUCCESS state start publish_command='no-such-program %zone'
	expect $OCF_SUCCESS state stop
	state_nothing_left
}

@test "tokens: a directory that is there; the daemon is told of it" {
	expect $OCF_INSTALLED state validate-all level=10 tokens="$D/none"
	says 'is no directory: set tokens='
	expect $OCF_INSTALLED state start tokens="$D/none"
	mkdir "$BATS_TEST_TMPDIR/tokens"
	expect $OCF_SUCCESS state start tokens="$BATS_TEST_TMPDIR/tokens"
	[ "$(told encrypted)" = 1 ]
	grep -qszxF -- "--tokens=$BATS_TEST_TMPDIR/tokens" \
		"/proc/$(state_of state parent)/cmdline"
	expect $OCF_SUCCESS state promote tokens="$BATS_TEST_TMPDIR/tokens"
	expect $OCF_SUCCESS state stop
	state_nothing_left
}

# corosync_encrypts CIPHER HASH: from now on.
corosync_encrypts()
{
	sed -i -e "s/crypto_cipher: .*/crypto_cipher: $1/" \
		-e "s/crypto_hash: .*/crypto_hash: $2/" \
		/etc/corosync/corosync.conf
	corosync-cfgtool -R
	wait_until 20 cipher_is "$1"
}
cipher_is() { corosync-cmapctl -g totem.crypto_cipher | grep -q "= $1\$"; }

@test "tokens: not while Corosync does not encrypt" {
	mkdir "$BATS_TEST_TMPDIR/tokens"
	corosync_encrypts none none
	expect $OCF_GENERIC state start tokens="$BATS_TEST_TMPDIR/tokens"
	says 'tokens= wants Corosync to encrypt: pcs cluster config update'
	state_nothing_left
	corosync_encrypts aes256 sha256
	expect $OCF_SUCCESS state start tokens="$BATS_TEST_TMPDIR/tokens"
	expect $OCF_SUCCESS state stop
}

@test "reload-agent: the barrier changes without a restart, and stays so" {
	source_up
	[ "$(told barrier)" = degrade ]
	before=$(syncds)
	expect $OCF_SUCCESS state reload-agent barrier=require
	[ "$(told barrier)" = require ]
	[ "$(syncds)" = "$before" ]
	wait_until 5 alone_is_told
	worker=$(state_of state worker)
	kill -KILL "$worker"
	wait_until 10 another_worker "$worker"
	[ "$(told barrier)" = require ]
	expect $OCF_SUCCESS state reload-agent barrier=off
	[ "$(told barrier)" = off ]
	wait_until 5 solo_is_told
}

@test "reload-agent: the bandwidth changes without a restart, and stays so" {
	source_up
	[ "$(told bandwidth)" = -1 ]
	before=$(syncds)
	expect $OCF_SUCCESS state reload-agent bandwidth=7
	[ "$(told bandwidth)" = 7 ]
	[ "$(syncds)" = "$before" ]
	worker=$(state_of state worker)
	kill -KILL "$worker"
	wait_until 10 another_worker "$worker"
	[ "$(told bandwidth)" = 7 ]
	expect $OCF_SUCCESS state reload-agent
	[ "$(told bandwidth)" = -1 ]
	expect $OCF_SUCCESS state stop
	for good in 1 100000; do
		expect $OCF_SUCCESS state validate-all "bandwidth=$good"
	done
	expect $OCF_SUCCESS state start bandwidth=100000
	[ "$(told bandwidth)" = 100000 ]
}

@test "reload-agent: signatures=resign from now on, and stays so" {
	source_up
	[ "$(told signatures)" = reuse ]
	before=$(syncds)
	expect $OCF_SUCCESS state reload-agent signatures=resign
	[ "$(told signatures)" = resign ]
	[ "$(syncds)" = "$before" ]
	worker=$(state_of state worker)
	kill -KILL "$worker"
	wait_until 10 another_worker "$worker"
	[ "$(told signatures)" = resign ]
	expect $OCF_SUCCESS state reload-agent
	[ "$(told signatures)" = reuse ]
	expect $OCF_SUCCESS state stop
	expect $OCF_SUCCESS state start signatures=resign
	[ "$(told signatures)" = resign ]
}

alone_is_told() { [[ $(told verdict_why) == *"held"*"a second holder"* ]]; }
solo_is_told() { [ "$(told solo)" = 1 ]; }

@test "a wrong value: not configured, but stop and probe work" {
	for bad in port=0 port=6405x barrier_timeout=0 barrier=on \
		signatures=yes conf=relative \
		bandwidth=0 bandwidth=-1 bandwidth=100001 bandwidth=60M \
		"bandwidth=60 %" bandwidth=link \
		state_dir=x address=typo tokens=x \
		"publish_command=$(printf 'x%.0s' {1..1024})"; do
		expect $OCF_CONFIGURED state validate-all "$bad"
		says "${bad%%=*}"
		expect $OCF_CONFIGURED state start "$bad"
		expect $OCF_NOT_RUNNING state monitor "$bad"
	done
	source_up
	expect $OCF_PROMOTED state monitor port=0
	expect $OCF_SUCCESS state stop port=0
	state_nothing_left
}

@test "the directory cannot be made: start says which" {
	touch "$D"
	expect_not_started
	says "$D"
	rm "$D"
	state_nothing_left
}

expect_not_started()
{
	run state start
	[ "$status" -ne 0 ] && [ "$status" -ne 7 ] || { echo "$status"; return 1; }
}

@test "ocf-tester passes" {
	command -v ocf-tester
	export OCF_RESKEY_CRM_meta_promoted_max=1 OCF_RESKEY_state_dir=$D
	run tester state
	echo "$output"
	journalctl -q -n 30 -t ods-state -t ods-syncd || true
	[ "$status" -eq 0 ]
	[[ $output == *"passed all tests"* ]]
}

@test "without Corosync start fails in time and says what is missing" {
	systemctl stop pacemaker corosync
	since=$SECONDS
	expect_not_started
	echo "$output"
	[ $((SECONDS - since)) -lt 60 ]
	says 'does not run on this node'
	expect $OCF_SUCCESS state stop
	state_nothing_left
}
