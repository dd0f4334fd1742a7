#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors

load common

ZONES=12

setup_file()
{
	fixture_make
	fixture_quiet
	fixture_zones $ZONES
}
teardown()
{
	[ -z "$BEHIND" ] || kill "$BEHIND" 2>/dev/null || true
	fixture_quiet
}

start_ok() { expect $OCF_SUCCESS agent signer start timeout=60000 "$@"; }

stub_state()
{
	mkdir -p "$OCF_RUN"
	printf 'time=%s\nagent=state\nconf=%s\n%s\n' "${1:-1}" "$F/conf.xml" \
		"$STUB_MORE" >"$OCF_RUN/test-st.state"
}
uptime_ms() { awk '{ printf "%d", $1 * 1000 }' /proc/uptime; }

# A stand-in for ods-syncd that answers each request with REPLY.
stub_syncd()
{
	stub_state
	rm -f "$OCF_RUN/test-st.sock"
	python3 - "$OCF_RUN/test-st.sock" "$F/request" "$1" 3>&- <<-'END' &
	import socket, sys
	s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
	s.bind(sys.argv[1])
	s.listen(5)
	while True:
	    c, _ = s.accept()
	    open(sys.argv[2], "ab").write(c.recv(65536))
	    c.send(sys.argv[3].encode().decode("unicode_escape").encode())
	    c.close()
	END
	BEHIND=$!
	wait_until 20 listening "$OCF_RUN/test-st.sock"
}

@test "start: returns when every zone is recovered or scheduled" {
	rm -f "$F"/signer/*.backup2
	start_ok
	[[ $(ods-signer zones) == "There are $ZONES zones configured"* ]]
	[ "$(state_of signer ready)" = 1 ]
	[ "$(pid_of signer)" = "$(cat $ODS_RUN/signerd.pid)" ]
	run ods-signer update --all
	[ "$status" -eq 0 ]
	# An update that comes while a zone is configured makes the signer try
	# that one again after 60 s.
	wait_until 120 test -s "$F/signed/z$((ZONES - 1)).example"
	kill -0 "$(pid_of signer)"
}

@test "start: \"update\" right after it never aborts the recovery (10 times)" {
	local i
	start_ok
	wait_until 60 test -s "$F/signer/z$((ZONES - 1)).example.backup2"
	for ((i = 0; i < 10; i++)); do
		expect $OCF_SUCCESS agent signer stop
		start_ok
		run ods-signer update --all
		[ "$status" -eq 0 ]
		expect $OCF_SUCCESS agent signer monitor interval=10000
	done
}

@test "start: no zones at all" {
	mv "$F/enforcer/zones.xml" "$F/zones.away"
	run agent signer start
	mv "$F/zones.away" "$F/enforcer/zones.xml"
	[ "$status" -eq 0 ]
	expect $OCF_SUCCESS agent signer monitor interval=10000
}

@test "start twice: same process" {
	start_ok
	local p
	p=$(pid_of signer)
	start_ok
	[ "$(pid_of signer)" = "$p" ]
}

@test "start: asks the state resource of the same conf for the serials" {
	stub_syncd 'rc=0\n'
	start_ok
	[ "$(cat "$F/request")" = signer-prepare ]
}

@test "start: does not start when the serials cannot be settled" {
	stub_syncd 'rc=-22\nwhy=zone z1.example: its serial is not known\n'
	expect $OCF_GENERIC agent signer start
	says "zone z1.example: its serial is not known"
	nothing_left signer
}

@test "start: state resource there but its daemon dead" {
	stub_state
	rm -f "$OCF_RUN/test-st.sock"
	expect $OCF_GENERIC agent signer start
	says "ods-syncd of test-st does not answer"
	nothing_left signer
}

# Its parent lives, the worker has no socket yet.
@test "start: a state daemon that is being started again is waited for" {
	local starter parent
	printf '#!/bin/bash\nsleep 60\ntrue\n' >"$F/ods-syncd"
	chmod +x "$F/ods-syncd"
	"$F/ods-syncd" >/dev/null 2>&1 3>&- &
	parent=$!
	STUB_MORE=$(printf 'role=promoted\nparent=%s' "$parent")
	stub_state
	rm -f "$OCF_RUN/test-st.sock" "$F/request"
	agent signer start timeout=60000 >"$F/said" 2>&1 3>&- &
	starter=$!
	sleep 2
	kill -0 "$starter"
	stub_syncd 'rc=0\n'
	wait "$starter" || { cat "$F/said"; false; }
	kill "$parent"
	[ "$(cat "$F/request")" = signer-prepare ]
}

@test "start: state resource of another conf.xml is not asked" {
	stub_state
	sed -i 's#^conf=.*#conf=/other/conf.xml#' "$OCF_RUN/test-st.state"
	start_ok
}

@test "start: one started by systemd or by hand is replaced" {
	local p
	by_hand signer
	p=$(cat $ODS_RUN/signerd.pid)
	start_ok
	gone "$p"
	[ "$(daemons ods-signerd)" = "$(pid_of signer)" ]
}

@test "start: a foreign instance is refused with pid and remedy" {
	local p
	by_hand signer "$(variant foreign)"
	p=$(cat $ODS_RUN/signerd.pid)
	expect $OCF_GENERIC agent signer start
	says "pid $p"
	says "systemctl disable --now opendnssec-signer"
	kill -0 "$p"
}

@test "start: stale pid file of a stranger is removed" {
	sleep 100 3>&- &
	BEHIND=$!
	echo $BEHIND >$ODS_RUN/signerd.pid
	start_ok
}

@test "start: after kill -9 pid file and socket do not hinder" {
	start_ok
	kill_daemon signer
	start_ok
}

@test "start: missing binary and missing conf.xml are 5" {
	expect $OCF_INSTALLED agent signer start binary=/nowhere/ods-signerd
	says "install opendnssec-signer"
	expect $OCF_INSTALLED agent signer start conf=/nowhere/conf.xml
	says "/nowhere/conf.xml is missing"
}

@test "start: missing envfile is 5, wrong value 6" {
	expect $OCF_INSTALLED agent signer start envfile=/nowhere/env
	expect $OCF_CONFIGURED agent signer start socket=here
	says "socket=here is not an absolute path"
}

# The signer goes into the background before it opens the HSM; what is wrong
# is in its log alone.  journalctl is the agent's way to it.
fails_by_hsm()
{
	local want=$1 before=$SECONDS
	shift
	expect "$want" agent signer start timeout=30000 "$@" ||
		{ no_journal && expect $OCF_GENERIC agent signer start "$@"; }
	[ $((SECONDS - before)) -le 20 ]
	nothing_left signer
}
no_journal() { [ ! -S /run/systemd/journal/socket ]; }

@test "start: unset PKCS#11 environment finds no token" {
	fails_by_hsm $OCF_GENERIC envfile=
	no_journal || says "no token test"
}

@test "start: wrong PIN is 4 and shows no PIN" {
	fails_by_hsm $OCF_PERM \
		conf="$(variant pin 's#<PIN>1234#<PIN>98765432#')"
	[[ $output != *98765432* ]]
	no_journal || says "refused the PIN of repository SoftHSM"
}

@test "start: missing module is 5" {
	fails_by_hsm $OCF_INSTALLED \
		conf="$(variant module 's#libsofthsm2.so#libnone.so#')"
	no_journal || says "cannot load"
}

@test "start: conf.xml that the signer refuses" {
	expect $OCF_INSTALLED agent signer start conf="$(variant invalid \
		's#<Signer>#<Signer><Nonsense/>#')"
	says "conf.xml is not valid"
	nothing_left signer
}

@test "start: signer that hangs in recovery fails in time and is ended" {
	cat >"$F/ods-signerd" <<-'END'
	#!/bin/bash
	ods-signerd "$@"
	kill -STOP "$(cat /run/opendnssec/signerd.pid)"
	END
	chmod 755 "$F/ods-signerd"
	local before=$SECONDS
	expect $OCF_GENERIC agent signer start binary="$F/ods-signerd" \
		timeout=20000
	[ $((SECONDS - before)) -le 19 ]
	nothing_left signer
}

@test "start: prevent-startup is no concern of the agent" {
	[ -e /etc/opendnssec/prevent-startup ] || skip "no such file here"
	start_ok
}

@test "stop: nothing left; twice is once; never started is fine" {
	expect $OCF_SUCCESS agent signer stop
	start_ok
	expect $OCF_SUCCESS agent signer stop
	nothing_left signer
	expect $OCF_SUCCESS agent signer stop
}

@test "stop: 20 times right after start, always ends in time" {
	local i before
	for ((i = 0; i < 20; i++)); do
		start_ok
		before=$SECONDS
		expect $OCF_SUCCESS agent signer stop
		[ $((SECONDS - before)) -le 8 ]
		nothing_left signer
	done
}

@test "stop: ends a daemon that hangs (SIGSTOP)" {
	start_ok
	local p
	p=$(pid_of signer)
	kill -STOP "$p"
	expect $OCF_SUCCESS agent signer stop
	gone "$p"
	nothing_left signer
}

@test "stop: wrong or missing parameters do not hinder" {
	start_ok
	expect $OCF_SUCCESS agent signer stop conf=/nowhere/conf.xml \
		binary=a/b pidfile=x socket=y envfile=/nowhere
	nothing_left signer
}

@test "stop: without state file and pid file finds it in /proc" {
	start_ok
	rm $ODS_RUN/signerd.pid "$OCF_RUN/test-signer.state"
	expect $OCF_SUCCESS agent signer stop
	nothing_left signer
}

@test "monitor: 0 healthy, 7 never started, 7 killed, 1 hung" {
	expect $OCF_NOT_RUNNING agent signer monitor
	start_ok
	expect $OCF_SUCCESS agent signer monitor
	expect $OCF_SUCCESS agent signer monitor interval=10000
	kill -STOP "$(pid_of signer)"
	expect $OCF_GENERIC agent signer monitor interval=10000 timeout=5000
	says "does not answer"
	kill_daemon signer
	expect $OCF_NOT_RUNNING agent signer monitor interval=10000
	says "has died"
}

@test "monitor: a daemon whose backlog is full" {
	start_ok
	local p i
	p=$(pid_of signer)
	kill -STOP "$p"
	for i in 1 2 3 4 5 6 7 8; do
		timeout 30 ods-signer running >/dev/null 2>&1 3>&- &
	done
	sleep 0.5
	expect $OCF_GENERIC agent signer monitor interval=10000 timeout=5000
	kill -CONT "$p"
	wait
	expect $OCF_SUCCESS agent signer monitor interval=10000
}

@test "monitor: output of the daemon does not grow for ever" {
	start_ok
	head -c 100000 /dev/zero >>"$OCF_RUN/test-signer.out"
	expect $OCF_SUCCESS agent signer monitor interval=10000
	[ "$(stat -c %s "$OCF_RUN/test-signer.out")" -eq 0 ]
}

@test "probe: a running one without state file is adopted" {
	by_hand signer
	expect $OCF_SUCCESS agent signer monitor
	[ "$(pid_of signer)" = "$(cat $ODS_RUN/signerd.pid)" ]
	expect $OCF_SUCCESS agent signer stop
	nothing_left signer
}

@test "probe: 7 with conf.xml or binary missing" {
	expect $OCF_NOT_RUNNING agent signer monitor conf=/nowhere/conf.xml
	expect $OCF_NOT_RUNNING agent signer monitor binary=/nowhere/x
}

@test "reload-agent and validate-all" {
	start_ok
	expect $OCF_SUCCESS agent signer reload-agent
	expect $OCF_SUCCESS agent signer validate-all
	expect $OCF_SUCCESS agent signer validate-all level=10
	expect $OCF_CONFIGURED agent signer validate-all binary=a/b
	expect $OCF_INSTALLED agent signer validate-all level=10 \
		conf=/nowhere/conf.xml
	expect $OCF_UNIMPLEMENTED agent signer promote
}

@test "ocf-tester passes" {
	command -v ocf-tester >/dev/null || skip "no ocf-tester"
	run tester signer
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"passed all tests"* ]]
}

@test "monitor: what is served runs out: degraded, with the zone" {
	start_ok
	STUB_MORE=$'role=promoted\nleast_percent=49\nleast_zone=z1.example'
	stub_state "$(uptime_ms)"
	expect $OCF_DEGRADED agent signer monitor interval=10000
	says 'zone z1.example: what is served has 49 % of its Refresh left'
	expect $OCF_SUCCESS agent signer monitor interval=10000 expiry_warn=49
	# A probe looks for the daemon.
	expect $OCF_SUCCESS agent signer monitor
	# What a daemon that is gone has left counts no more.
	stub_state "$(($(uptime_ms) - 61000))"
	expect $OCF_SUCCESS agent signer monitor interval=10000
	expect $OCF_SUCCESS agent signer reload-agent expiry_warn=10
}
