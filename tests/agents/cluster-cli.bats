#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# ods-cluster as an admin types it; the daemon is played by socat.

load wait

CLI=${ODS_CLUSTER:-ods-cluster}
RUN=/run/ocf-ods
DIR=/var/lib/ocf-ods

setup()
{
	mkdir -p $RUN
	LEDGER_DIR=$BATS_TEST_TMPDIR/state
	mkdir -p "$LEDGER_DIR"
}

teardown()
{
	daemon_end
	rm -f $RUN/cli-*.state $RUN/cli-*.sock
	[ -z "${own_ledger:-}" ] || rm -f $DIR/ledger.db
}

# resource NAME: its state file, as ods-syncd writes it.
resource()
{
	printf '%s\n' time=1 agent=state "state_dir=$LEDGER_DIR" >"$RUN/$1.state"
}

# daemon NAME LINE...: answers every request with these lines.
daemon()
{
	local name=$1
	shift
	printf '%s\n' "$@" >"$BATS_TEST_TMPDIR/reply"
	cat >"$BATS_TEST_TMPDIR/answer" <<-END
	dd bs=4096 count=1 of=$BATS_TEST_TMPDIR/request 2>/dev/null
	cat $BATS_TEST_TMPDIR/reply
	END
	socat "UNIX-LISTEN:$RUN/$name.sock,type=5,fork" \
		"EXEC:sh $BATS_TEST_TMPDIR/answer" 3>&- &
	fake=$!
	wait_until 20 listening "$RUN/$name.sock"
}

# daemon_end: it removes its socket when it ends, also one of a later daemon.
daemon_end()
{
	[ -n "${fake:-}" ] || return 0
	kill "$fake" 2>/dev/null || true
	wait "$fake" || true
	fake=
}

# source_with VERDICT WHY: n1 signs, n2 is a holder.
source_with()
{
	resource cli-a
	daemon cli-a rc=0 why= "verdict=$1" "verdict_why=$2" quorate=1 \
		fencing=1 open=1 term=3 holders=2 enforce=1 promotable=1 \
		zones=2 zones_served=2 nodes=2 \
		node.0.name=n1 node.0.self=1 node.0.present=1 \
		node.0.role=source node.0.holder=1 node.0.term=3 node.0.tip=7 \
		node.1.name=n2 node.1.self=0 node.1.present=1 \
		node.1.role=holder node.1.holder=1 node.1.term=3 node.1.tip=7
}

# ledger DIR: what a holder of term 4 left.
ledger()
{
	sqlite3 "$1/ledger.db" <<-'SQL'
	CREATE TABLE local (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
	CREATE TABLE zone (name TEXT PRIMARY KEY, line TEXT NOT NULL) WITHOUT ROWID;
	INSERT INTO local VALUES ('record', 'c1 4 t1 7 s1 2 1 0 1 0 aa,bb');
	INSERT INTO local VALUES ('tip', 't1 4 12');
	INSERT INTO zone VALUES ('a.example', '1 9 dd 1 9 dd - 1');
	INSERT INTO zone VALUES ('b.example', '1 3 dd 0 0 - - 1');
	SQL
}

first() { [ "${lines[0]}" = "$1" ] || { echo "$output"; return 1; }; }

@test "--help and --version, an unknown command, an unknown option" {
	run $CLI --help
	[ "$status" -eq 0 ] && [[ $output == *"status [-W SECONDS]"* ]]
	run $CLI --version
	[ "$status" -eq 0 ] && [[ $output == "ods-cluster (ocf-ods) "* ]]
	for words in '' switchover 'status --yes' 'init' 'init --source n1 --json' \
		'failover --to n1' 'failover --accept-loss' \
		'failover --to n1 --accept-loss --yes' 'init --to n1' \
		'forget' 'forget n1 n2' 'forget n1 --json' \
		'publish z' 'publish --force' 'publish z --force --json' \
		'ack z' 'ack z insecure more' 'ack z hold --force' 'serial z' \
		'serial z --force' 'serial z --reset x' 'verify a b' \
		'verify z --yes' 'forget n1 --force' 'explain n1 n2' \
		'status extra' '--nonsense' 'status -W 0' 'status -W x'; do
		# shellcheck disable=SC2086 # words
		run $CLI $words
		[ "$status" -eq 3 ] || { echo "$words: $status $output"; return 1; }
	done
}

@test "status: one line of verdict, the nodes, exit code 0" {
	source_with 0 signing
	run $CLI status
	[ "$status" -eq 0 ]
	first "OK: n1 signs, 1 node can take over. Do now: nothing."
	[[ $output == *"n1 *  source  3.7"* ]]
	[ "$(cat "$BATS_TEST_TMPDIR/request")" = status ]
}

@test "status: warning and critical are 1 and 2" {
	source_with 1 "no second holder: start the other node"
	run $CLI status
	[ "$status" -eq 1 ]
	first "WARNING: no second holder. Do now: start the other node."
	daemon_end
	rm -f $RUN/cli-a.sock
	source_with 2 "publishing held: waiting for fencing of n2"
	run $CLI status
	[ "$status" -eq 2 ]
	first "CRITICAL: publishing held. Do now: wait for fencing of n2."
}

@test "status --json is JSON, and says the same" {
	source_with 1 'odd "quoted" text: mend it'
	run $CLI --json status
	[ "$status" -eq 1 ]
	run sqlite3 :memory: "SELECT json_valid(t) || json_extract(t, '\$.schema') ||
		json_extract(t, '\$.what') || json_extract(t, '\$.nodes[1].name')
		FROM (SELECT '$output' AS t)"
	[ "$output" = '11odd "quoted" textn2' ] || { echo "$output"; return 1; }
}

@test "status with the daemon down reads the ledger of the resource" {
	resource cli-a
	ledger "$LEDGER_DIR"
	run $CLI status
	[ "$status" -eq 3 ]
	[[ ${lines[0]} == "UNKNOWN: ods-syncd does not run here"* ]]
	[[ $output == *"Term 4 is open"*"position here 12; holders 2"* ]]
	[[ $output == *"Zones: 2, published 1"* ]]
}

@test "status with nothing started reads $DIR and names pcs quorum unblock" {
	[ ! -e $DIR/ledger.db ] || skip "a ledger is there"
	run $CLI status
	[ "$status" -eq 3 ]
	[[ ${lines[0]} == "UNKNOWN: no state resource runs here"* ]]
	own_ledger=1
	mkdir -p $DIR
	ledger $DIR
	run $CLI status
	[ "$status" -eq 3 ]
	[[ ${lines[0]} == *"pcs quorum unblock"* ]]
	[[ $output == *"position here 12"* ]]
}

@test "a damaged ledger is said to be one" {
	resource cli-a
	head -c 4096 /dev/urandom >"$LEDGER_DIR/ledger.db"
	run $CLI status
	[ "$status" -eq 3 ]
	[[ ${lines[0]} == "UNKNOWN: $LEDGER_DIR/ledger.db cannot be read"* ]]
}

@test "several resources: -r chooses, none is a question" {
	source_with 0 signing
	resource cli-b
	run $CLI status
	[ "$status" -eq 3 ] && [[ $output == *"choose with -r"* ]]
	run $CLI -r cli-a status
	[ "$status" -eq 0 ]
	run $CLI -r cli-c status
	[ "$status" -eq 3 ] && [[ $output == *"no state resource cli-c runs here"* ]]
}

@test "init asks for a typed yes, and says what it does" {
	resource cli-a
	daemon cli-a rc=0 why=
	run $CLI init --source n2 <<<no
	[ "$status" -eq 2 ] && [[ $output == *"set aside"*"nothing was changed"* ]]
	[ ! -e "$BATS_TEST_TMPDIR/request" ]
	run $CLI init --source n2 <<<yes
	[ "$status" -eq 0 ]
	[ "$(cat "$BATS_TEST_TMPDIR/request")" = "$(printf 'init\nsource=n2')" ]
}

@test "init: what the daemon refuses is shown, exit code 2" {
	resource cli-a
	daemon cli-a rc=-22 "why=no node of that name: see pcs status"
	run $CLI init --source n9 --yes
	[ "$status" -eq 2 ]
	[[ $output == *"no node of that name: see pcs status"* ]]
}

@test "init with no daemon" {
	run $CLI init --source n1 --yes
	[ "$status" -eq 2 ] && [[ $output == *"no state resource runs here"* ]]
}

@test "failover --accept-loss says what is lost, and asks for a typed yes" {
	resource cli-a
	daemon cli-a rc=0 why= "line.0=n2 has generation 7 of term 3" \
		"line.1=n1 is named there and not here"
	run $CLI failover --to n2 --accept-loss <<<no
	[ "$status" -eq 2 ]
	[[ $output == *"goes on with what n2 has"*"By the ledger of this node:"* ]]
	[[ $output == *"- n2 has generation 7 of term 3;"* ]]
	[[ $output == *"- n1 is named there and not here;"*"nothing was changed"* ]]
	[ "$(cat "$BATS_TEST_TMPDIR/request")" = "$(printf 'loss\nto=n2')" ]
	run $CLI failover --to n2 --accept-loss </dev/null
	[ "$status" -eq 2 ]
	run $CLI failover --to n2 --accept-loss <<<yes
	[ "$status" -eq 0 ]
	grep -qx failover "$BATS_TEST_TMPDIR/request"
	grep -qx to=n2 "$BATS_TEST_TMPDIR/request"
	grep -q "^by=root.* on $(hostname)" "$BATS_TEST_TMPDIR/request"
}

@test "failover: what the daemon refuses is shown, and nothing is asked" {
	resource cli-a
	daemon cli-a rc=-16 "why=n1 is out of sight: pcs stonith confirm n1"
	run $CLI failover --to n2 --accept-loss <<<yes
	[ "$status" -eq 2 ]
	[[ $output == *"pcs stonith confirm n1"* ]]
	[[ $output != *"Type yes"* ]]
}

@test "status shows a loss that was accepted" {
	ledger "$LEDGER_DIR"
	sqlite3 "$LEDGER_DIR/ledger.db" \
		"INSERT INTO local VALUES ('loss', '1000000000 100004 n2 root (ann) on n1')"
	resource cli-a
	run $CLI status
	[[ $output == *"Loss accepted: 2001-09-09 01:46:40 UTC by root (ann) on n1: term 100004 began with what n2 had"* ]]
}

@test "forget asks for a typed yes, and says what it does" {
	resource cli-a
	daemon cli-a rc=0 why=
	run $CLI forget n2 <<<no
	[ "$status" -eq 2 ]
	[[ $output == *"n2 is not waited for"*"nothing was changed"* ]]
	[ ! -e "$BATS_TEST_TMPDIR/request" ]
	run $CLI forget n2 <<<yes
	[ "$status" -eq 0 ]
	[ "$(cat "$BATS_TEST_TMPDIR/request")" = "$(printf 'forget\nnode=n2')" ]
}

@test "publish, ack and serial ask for a typed yes, and say what they do" {
	local words
	resource cli-a
	daemon cli-a rc=0 why=
	for words in 'publish z. --force:publish::goes out once' \
		'ack z insecure:ack:insecure:has no DS' \
		'ack z hold:ack:hold:enforcer does not wait' \
		'serial z --reset:serial::retransfer'; do
		IFS=: read -r typed word what says <<<"$words"
		rm -f "$BATS_TEST_TMPDIR/request"
		# shellcheck disable=SC2086 # words
		run $CLI $typed <<<no
		[ "$status" -eq 2 ]
		[[ $output == *"$says"*"nothing was changed"* ]]
		[ ! -e "$BATS_TEST_TMPDIR/request" ]
		# shellcheck disable=SC2086 # words
		run $CLI $typed <<<yes
		[ "$status" -eq 0 ]
		[ "$(cat "$BATS_TEST_TMPDIR/request")" = \
			"$(printf 'order\nword=%s\nwhat=%s\nzone=z' "$word" "$what")" ]
	done
}

@test "ack wants insecure or hold; a zone's name has no newline" {
	resource cli-a
	daemon cli-a rc=0 why=
	run $CLI ack z nothing --yes
	[ "$status" -eq 2 ] && [[ $output == *"insecure or hold"* ]]
	run $CLI publish $'z\nword=ack' --force --yes
	[ "$status" -eq 2 ]
	[ ! -e "$BATS_TEST_TMPDIR/request" ]
}

@test "verify without a ledger says so" {
	resource cli-a
	run $CLI verify
	[ "$status" -eq 3 ]
	[[ $output == *"$LEDGER_DIR/ledger.db: No such file"* ]]
}

@test "explain: each gate in a line, the exit code is the verdict's" {
	resource cli-a
	daemon cli-a rc=0 why= self=n2 source=0 'plan=not yet' \
		'plan_why=received state is still being applied' gates=2 \
		gate.0.name=quorum gate.0.says=go gate.0.why= \
		gate.1.name=custody 'gate.1.says=not yet' \
		'gate.1.why=received state is still being applied'
	run $CLI explain
	[ "$status" -eq 1 ]
	first "n2 cannot take over: received state is still being applied"
	[ "${lines[1]}" = "  go       quorum" ]
	[ "${lines[2]}" = "  not yet  custody: received state is still being applied" ]
	run $CLI explain n2
	[ "$status" -eq 1 ]
}

@test "explain on the source names the zones that are held" {
	resource cli-a
	daemon cli-a rc=0 why= self=n2 source=1 plan=go plan_why=ready gates=1 \
		gate.0.name=quorum gate.0.says=go gate.0.why= holds=1 \
		hold.0.zone=a.example hold.0.since=9 \
		"hold.0.why=zone a.example: key 0a of R is not in this node's token: mend it"
	run $CLI explain
	[ "$status" -eq 0 ]
	[ "${lines[2]}" = "  held     a.example: zone a.example: key 0a of R is not in this node's token: mend it" ]
}
