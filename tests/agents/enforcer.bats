#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors

load common

setup_file()
{
	fixture_make
	fixture_quiet
}
teardown() { fixture_quiet; }

start_ok() { expect $OCF_SUCCESS agent enforcer start "$@"; }

@test "start: daemon answers, state file names it" {
	start_ok
	[ "$(ods-enforcer running)" = "Engine running." ]
	[ "$(pid_of enforcer)" = "$(cat $ODS_RUN/enforcerd.pid)" ]
	[ "$(state_of enforcer socket)" = $ODS_RUN/enforcer.sock ]
	[ "$(state_of enforcer conf)" = "$F/conf.xml" ]
	[ "$(state_of enforcer ready)" = 1 ]
}

@test "start: environment of the daemon is clean and has envfile's" {
	start_ok
	run tr '\0' '\n' <"/proc/$(pid_of enforcer)/environ"
	[[ $output == *"SOFTHSM2_CONF=$F/softhsm2.conf"* ]]
	[[ $output == *HOME=* ]]
	[[ $output != *OCF_* ]]
}

@test "start: 4096 open files, own session, umask 022" {
	start_ok
	local p
	p=$(pid_of enforcer)
	[ "$(awk '/^Max open files/ {print $4}' "/proc/$p/limits")" -ge 1024 ]
	[ "$(awk '{print $6}' "/proc/$p/stat")" = "$p" ]
	[ "$(awk '/^Umask/ {print $2}' "/proc/$p/status")" = 0022 ]
}

@test "start twice: same process" {
	start_ok
	local p
	p=$(pid_of enforcer)
	start_ok
	[ "$(pid_of enforcer)" = "$p" ]
}

@test "start: one started by systemd or by hand is replaced" {
	by_hand enforcer
	local p
	p=$(cat $ODS_RUN/enforcerd.pid)
	start_ok
	gone "$p"
	[ "$(daemons ods-enforcerd)" = "$(pid_of enforcer)" ]
}

@test "start: a foreign instance is refused with pid and remedy" {
	local c
	c=$(variant foreign "s#<Enforcer>#<Enforcer><PidFile>$F/f.pid</PidFile><SocketFile>$F/f.sock</SocketFile>#")
	SOFTHSM2_CONF=$F/softhsm2.conf ods-enforcerd -c "$c" >/dev/null 2>&1 3>&-
	wait_until 20 test -s "$F/f.pid"
	expect $OCF_GENERIC agent enforcer start
	says "pid $(cat "$F/f.pid")"
	says "systemctl disable --now opendnssec-enforcer"
	[ "$(daemons ods-enforcerd)" = "$(cat "$F/f.pid")" ]
	expect $OCF_SUCCESS agent enforcer stop
	[ "$(daemons ods-enforcerd)" = "$(cat "$F/f.pid")" ]
}

@test "start: hung one of ours is replaced" {
	start_ok
	local p
	p=$(pid_of enforcer)
	kill -STOP "$p"
	start_ok timeout=40000
	gone "$p"
	expect $OCF_SUCCESS agent enforcer monitor
}

@test "start: stale pid file of a stranger is removed" {
	sleep 100 3>&- &
	local stranger=$!
	echo $stranger >$ODS_RUN/enforcerd.pid
	start_ok
	[ "$(cat $ODS_RUN/enforcerd.pid)" = "$(pid_of enforcer)" ]
	kill $stranger
}

@test "start: after kill -9 pid file and socket do not hinder" {
	start_ok
	kill_daemon enforcer
	start_ok
	[ "$(ods-enforcer running)" = "Engine running." ]
}

@test "start: missing binary is 5 and names the package" {
	expect $OCF_INSTALLED agent enforcer start binary=/nowhere/ods-enforcerd
	says "install opendnssec-enforcer"
	expect $OCF_INSTALLED agent enforcer start PATH=/nowhere
	says "install opendnssec-enforcer"
}

@test "start: missing conf.xml is 5" {
	expect $OCF_INSTALLED agent enforcer start conf=/nowhere/conf.xml
	says "/nowhere/conf.xml is missing"
}

@test "start: broken conf.xml is 5, for this node only" {
	echo '<Configuration><PIN>4711</PIN>' >"$F/broken.xml"
	expect $OCF_INSTALLED agent enforcer start conf="$F/broken.xml"
	says "not well-formed"
	[[ $output != *4711* ]]
}

@test "start: missing envfile is 5" {
	expect $OCF_INSTALLED agent enforcer start envfile=/nowhere/env
	says "envfile=/nowhere/env does not exist"
}

@test "start: missing working directory is 5" {
	expect $OCF_INSTALLED agent enforcer start \
		conf="$(variant nodir "s#$F/enforcer#/nowhere/enforcer#")"
	says "working directory /nowhere/enforcer is missing"
}

@test "start: user of Privileges must exist" {
	expect $OCF_INSTALLED agent enforcer start conf="$(variant nouser \
		's#<Enforcer>#<Enforcer><Privileges><User>nobodyhere</User></Privileges>#')"
	says "user nobodyhere"
}

@test "start: wrong value is 6" {
	expect $OCF_CONFIGURED agent enforcer start conf=relative/conf.xml
	says "absolute path"
}

@test "start: unset PKCS#11 environment finds no token" {
	expect $OCF_GENERIC agent enforcer start envfile=
	says "no token test"
	nothing_left enforcer
}

@test "start: wrong PIN is 4, once, and shows no PIN" {
	expect $OCF_PERM agent enforcer start \
		conf="$(variant pin 's#<PIN>1234#<PIN>98765432#')"
	says "refused the PIN of repository SoftHSM"
	says "pcs resource cleanup"
	[[ $output != *98765432* ]]
	nothing_left enforcer
	# Neither this daemon nor the other one tries it once more.
	expect $OCF_PERM agent enforcer start conf="$F/pin.xml"
	says "token refused the PIN of repository SoftHSM"
	expect $OCF_PERM agent signer start conf="$F/pin.xml"
	says "token refused the PIN of repository SoftHSM"
}

@test "start: missing module is 5" {
	expect $OCF_INSTALLED agent enforcer start \
		conf="$(variant module 's#libsofthsm2.so#libnone.so#')"
	says "cannot load"
	nothing_left enforcer
}

@test "start: empty database" {
	: >"$F/empty.db"
	expect $OCF_GENERIC agent enforcer start \
		conf="$(variant db "s#$F/kasp.db#$F/empty.db#")"
	nothing_left enforcer
}

@test "start: paths of conf.xml and of parameters are used" {
	local c
	c=$(variant paths "s#<Enforcer>#<Enforcer><PidFile>$F/run/p</PidFile><SocketFile>$F/run/s</SocketFile>#")
	start_ok conf="$c"
	[ "$(state_of enforcer socket)" = "$F/run/s" ]
	[ "$(cat "$F/run/p")" = "$(pid_of enforcer)" ]
	expect $OCF_SUCCESS agent enforcer stop conf="$c"
	start_ok conf="$c" pidfile="$F/run/p" socket="$F/run/s"
	expect $OCF_SUCCESS agent enforcer stop conf="$c"
}

@test "start: database locked past the deadline fails in time and leaves nothing" {
	{
		printf '%s\n' 'BEGIN EXCLUSIVE;' ".shell touch $F/locked"
		sleep 30
	} | sqlite3 "$F/kasp.db" 3>&- &
	wait_until 20 test -e "$F/locked"
	local before=$SECONDS
	expect $OCF_GENERIC agent enforcer start timeout=8000
	[ $((SECONDS - before)) -le 8 ]
	nothing_left enforcer
	kill %1 2>/dev/null || true
	pkill -P $$ sleep || true
}

@test "stop: nothing left; twice is once; never started is fine" {
	expect $OCF_SUCCESS agent enforcer stop
	start_ok
	expect $OCF_SUCCESS agent enforcer stop
	nothing_left enforcer
	expect $OCF_SUCCESS agent enforcer stop
}

@test "stop: ends a daemon that hangs (SIGSTOP)" {
	start_ok
	local p before=$SECONDS
	p=$(pid_of enforcer)
	kill -STOP "$p"
	expect $OCF_SUCCESS agent enforcer stop
	gone "$p"
	[ $((SECONDS - before)) -le 9 ]
	nothing_left enforcer
}

@test "stop: after kill -9 removes pid file and socket" {
	start_ok
	kill_daemon enforcer
	expect $OCF_SUCCESS agent enforcer stop
	nothing_left enforcer
}

@test "stop: wrong or missing parameters do not hinder" {
	start_ok
	expect $OCF_SUCCESS agent enforcer stop conf=/nowhere/conf.xml \
		binary=a/b pidfile=x socket=y envfile=/nowhere
	nothing_left enforcer
}

@test "stop: without state file and pid file finds it in /proc" {
	start_ok
	rm $ODS_RUN/enforcerd.pid "$OCF_RUN/test-enforcer.state"
	expect $OCF_SUCCESS agent enforcer stop
	nothing_left enforcer
}

@test "stop: both instances with our conf.xml" {
	start_ok
	rm $ODS_RUN/enforcerd.pid
	by_hand enforcer
	[ "$(daemons ods-enforcerd | wc -l)" -eq 2 ]
	expect $OCF_SUCCESS agent enforcer stop
	nothing_left enforcer
}

@test "monitor: 0 when healthy, probe and recurring, and starts no child" {
	start_ok
	expect $OCF_SUCCESS agent enforcer monitor
	expect $OCF_SUCCESS agent enforcer monitor interval=10000
	if command -v strace >/dev/null; then
		run strace -f -e trace=process -o "$F/trace" env -i \
			OCF_RESOURCE_INSTANCE=test-enforcer \
			OCF_RESKEY_conf="$F/conf.xml" \
			OCF_RESKEY_CRM_meta_interval=10000 \
			"$ODS_AGENTS/enforcer" monitor
		[ "$status" -eq 0 ]
		run grep -cE 'fork|clone' "$F/trace"
		[ "$output" = 0 ]
	fi
}

@test "monitor: 7 when never started" {
	expect $OCF_NOT_RUNNING agent enforcer monitor
	expect $OCF_NOT_RUNNING agent enforcer monitor interval=10000
}

@test "monitor: 7 after kill -9, with a sentence" {
	start_ok
	kill_daemon enforcer
	expect $OCF_NOT_RUNNING agent enforcer monitor interval=10000
	says "has died"
}

@test "monitor: 1 when hung, within its time" {
	start_ok
	kill -STOP "$(pid_of enforcer)"
	local before=$SECONDS
	expect $OCF_GENERIC agent enforcer monitor interval=10000 timeout=5000
	says "does not answer"
	[ $((SECONDS - before)) -le 5 ]
	kill -CONT "$(pid_of enforcer)"
}

@test "monitor: 1 when its socket was taken away" {
	start_ok
	rm $ODS_RUN/enforcer.sock
	expect $OCF_GENERIC agent enforcer monitor interval=10000
	says "does not answer"
}

@test "monitor: removed pid file does not matter" {
	start_ok
	rm $ODS_RUN/enforcerd.pid
	expect $OCF_SUCCESS agent enforcer monitor interval=10000
}

@test "monitor: works without ods-conf, conf.xml and with wrong parameters" {
	start_ok
	mv "$F/conf.xml" "$F/conf.away"
	run agent enforcer monitor interval=10000 binary=a/b
	mv "$F/conf.away" "$F/conf.xml"
	[ "$status" -eq $OCF_SUCCESS ]
}

@test "probe: 7 with conf.xml or binary missing" {
	expect $OCF_NOT_RUNNING agent enforcer monitor conf=/nowhere/conf.xml
	expect $OCF_NOT_RUNNING agent enforcer monitor binary=/nowhere/x
}

@test "probe: a running one without state file is adopted" {
	by_hand enforcer
	expect $OCF_SUCCESS agent enforcer monitor
	[ "$(pid_of enforcer)" = "$(cat $ODS_RUN/enforcerd.pid)" ]
	expect $OCF_SUCCESS agent enforcer stop
	nothing_left enforcer
}

@test "probe: a foreign one is not ours" {
	by_hand enforcer "$(variant foreign2)"
	expect $OCF_NOT_RUNNING agent enforcer monitor
}

@test "monitor: two with our conf.xml is an error" {
	start_ok
	rm $ODS_RUN/enforcerd.pid "$OCF_RUN/test-enforcer.state"
	by_hand enforcer
	expect $OCF_GENERIC agent enforcer monitor
	says "runs twice"
}

@test "reload-agent: nothing to do" {
	start_ok
	local p
	p=$(pid_of enforcer)
	expect $OCF_SUCCESS agent enforcer reload-agent
	[ "$(pid_of enforcer)" = "$p" ]
}

@test "validate-all: values at depth 0, this node at depth 10" {
	expect $OCF_SUCCESS agent enforcer validate-all conf=/nowhere/conf.xml
	expect $OCF_CONFIGURED agent enforcer validate-all conf=x
	says "conf=x is not an absolute path"
	expect $OCF_SUCCESS agent enforcer validate-all level=10
	expect $OCF_INSTALLED agent enforcer validate-all level=10 \
		conf=/nowhere/conf.xml
	expect $OCF_INSTALLED agent enforcer validate-all level=10 \
		binary=/nowhere/x
	expect $OCF_INSTALLED agent enforcer validate-all level=10 \
		envfile=/nowhere/x
	[ ! -e "$OCF_RUN/test-enforcer.state" ]
}

@test "unknown action is 3" {
	expect $OCF_UNIMPLEMENTED agent enforcer promote
	expect $OCF_UNIMPLEMENTED agent enforcer ""
}

@test "ocf-tester passes" {
	command -v ocf-tester >/dev/null || skip "no ocf-tester"
	run tester enforcer
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"passed all tests"* ]]
}
