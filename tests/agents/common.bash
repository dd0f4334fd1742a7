# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # the tests read the codes, bats sets status and output
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# For tests of the agents with the real daemons.  Run as root where
# OpenDNSSEC, SoftHSM and our files are installed and no daemon of
# OpenDNSSEC runs: the signer's socket is one for the whole machine.

# shellcheck source=tests/agents/wait.bash
. "${BASH_SOURCE[0]%/*}/wait.bash"

ODS_AGENTS=${ODS_AGENTS:-/usr/lib/ocf/resource.d/ods}
ODS_RUN=/run/opendnssec
OCF_RUN=/run/ocf-ods
OCF_SUCCESS=0 OCF_GENERIC=1 OCF_UNIMPLEMENTED=3 OCF_PERM=4
OCF_INSTALLED=5 OCF_CONFIGURED=6 OCF_NOT_RUNNING=7 OCF_DEGRADED=190

# fixture_make: a token, a policy, a configuration of their own below
# $F, with the paths that both daemons compile in for sockets and pids.
fixture_make()
{
	export F=$BATS_FILE_TMPDIR/ods
	mkdir -p "$F"/{enforcer,signer,signconf,unsigned,signed,token} $ODS_RUN
	cat >"$F/softhsm2.conf" <<-END
	directories.tokendir = $F/token
	objectstore.backend = file
	END
	echo "SOFTHSM2_CONF='$F/softhsm2.conf'" >"$F/env"
	SOFTHSM2_CONF=$F/softhsm2.conf softhsm2-util --init-token --free \
		--label test --pin 1234 --so-pin 1234 >/dev/null
	fixture_conf >"$F/conf.xml"
	fixture_kasp >"$F/kasp.xml"
	printf '%s\n' '<?xml version="1.0"?>' '<ZoneList/>' >"$F/zonelist.xml"
	sqlite3 "$F/kasp.db" </usr/share/opendnssec/schema.sqlite
	sqlite3 "$F/kasp.db" 'INSERT INTO databaseVersion VALUES (1, 1, 1)'
}

fixture_conf()
{
	cat <<-END
	<?xml version="1.0" encoding="UTF-8"?>
	<Configuration>
	<RepositoryList><Repository name="SoftHSM">
	<Module>/usr/lib/softhsm/libsofthsm2.so</Module>
	<TokenLabel>test</TokenLabel><PIN>1234</PIN><SkipPublicKey/>
	</Repository></RepositoryList>
	<Common>
	<Logging><Syslog><Facility>local0</Facility></Syslog></Logging>
	<PolicyFile>$F/kasp.xml</PolicyFile>
	<ZoneListFile>$F/zonelist.xml</ZoneListFile>
	</Common>
	<Enforcer>
	<Datastore><SQLite>$F/kasp.db</SQLite></Datastore>
	<AutomaticKeyGenerationPeriod>P7D</AutomaticKeyGenerationPeriod>
	<WorkingDirectory>$F/enforcer</WorkingDirectory>
	</Enforcer>
	<Signer><WorkingDirectory>$F/signer</WorkingDirectory></Signer>
	</Configuration>
	END
}

fixture_kasp()
{
	local key='<Algorithm length="512">13</Algorithm><Lifetime>P1Y</Lifetime><Repository>SoftHSM</Repository>'
	cat <<-END
	<?xml version="1.0" encoding="UTF-8"?>
	<KASP><Policy name="test"><Description>test</Description>
	<Signatures><Resign>PT15M</Resign><Refresh>P1D</Refresh>
	<Validity><Default>P3D</Default><Denial>P3D</Denial></Validity>
	<Jitter>PT1H</Jitter><InceptionOffset>PT1H</InceptionOffset>
	</Signatures>
	<Denial><NSEC/></Denial>
	<Keys><TTL>PT60S</TTL><RetireSafety>PT60S</RetireSafety>
	<PublishSafety>PT60S</PublishSafety><ShareKeys/>
	<KSK>$key</KSK><ZSK>$key</ZSK></Keys>
	<Zone><PropagationDelay>PT60S</PropagationDelay>
	<SOA><TTL>PT60S</TTL><Minimum>PT60S</Minimum>
	<Serial>unixtime</Serial></SOA></Zone>
	<Parent><PropagationDelay>PT60S</PropagationDelay>
	<DS><TTL>PT60S</TTL></DS>
	<SOA><TTL>PT60S</TTL><Minimum>PT60S</Minimum></SOA></Parent>
	</Policy></KASP>
	END
}

# fixture_zones N: N zones with signconf and zones.xml, made by the enforcer.
fixture_zones()
{
	local i z
	agent enforcer start || return 1
	ods-enforcer policy import >/dev/null
	for ((i = 0; i < $1; i++)); do
		z=z$i.example
		cat >"$F/unsigned/$z" <<-END
		@ 60 IN SOA ns hostmaster 1 3600 600 86400 60
		@ 60 IN NS ns
		ns 60 IN A 192.0.2.1
		END
		ods-enforcer zone add --zone "$z" --policy test \
			-i "$F/unsigned/$z" -o "$F/signed/$z" \
			-s "$F/signconf/$z.xml" >/dev/null
	done
	wait_until 60 fixture_complete "$1" && agent enforcer stop
}

fixture_complete()
{
	[ "$(find "$F/signconf" -name '*.xml' | wc -l)" -eq "$1" ]
}

# variant NAME SED-SCRIPT...: $F/NAME.xml, conf.xml with changes.
variant()
{
	local name=$1 s args=(-e '')
	shift
	for s; do args+=(-e "$s"); done
	sed "${args[@]}" "$F/conf.xml" >"$F/$name.xml"
	echo "$F/$name.xml"
}

# agent NAME ACTION [VAR=VALUE...]: as Pacemaker calls it.  A value set to
# nothing ("envfile=") unsets it.
agent()
{
	local name=$1 action=$2 v
	local -A p=([conf]=$F/conf.xml [envfile]=$F/env)
	local meta=(OCF_RESKEY_CRM_meta_timeout=20000) env=()
	shift 2
	for v; do
		case $v in
		timeout=*) meta=("OCF_RESKEY_CRM_meta_timeout=${v#*=}") ;;
		interval=*) env+=("OCF_RESKEY_CRM_meta_interval=${v#*=}") ;;
		level=*) env+=("OCF_CHECK_LEVEL=${v#*=}") ;;
		PATH=*) env+=("$v") ;;
		*) p[${v%%=*}]=${v#*=} ;;
		esac
	done
	for v in "${!p[@]}"; do
		[ -z "${p[$v]}" ] || env+=("OCF_RESKEY_$v=${p[$v]}")
	done
	env -i PATH="$PATH" OCF_ROOT=/usr/lib/ocf OCF_RA_VERSION_MAJOR=1 \
		OCF_RA_VERSION_MINOR=1 OCF_RESOURCE_INSTANCE="test-$name" \
		"${meta[@]}" "${env[@]}" "$ODS_AGENTS/$name" "$action" 3>&-
}

# expect CODE COMMAND...: run it and compare the exit code.
expect()
{
	local want=$1
	shift
	run "$@"
	[ "$status" -eq "$want" ] ||
		{ echo "$*: $status, not $want: $output"; return 1; }
}

# says TEXT: the exit reason holds TEXT and fits Pacemaker's 128 bytes.
says()
{
	local line
	line=$(grep -a '^ocf-exit-reason:' <<<"$output" | tail -1)
	[ -n "$line" ] || { echo "no exit reason: $output"; return 1; }
	[ "${#line}" -le $((128 + 16)) ] || { echo "too long: $line"; return 1; }
	[[ $line == *"$1"* ]] || { echo "\"$1\" is not in: $line"; return 1; }
}

# tester NAME: ocf-tester of resource-agents; it knows the metadata of OCF 1.0
# alone, so that its check of that is given the schema of 1.1.
tester()
{
	local t=$BATS_TEST_TMPDIR/ocf-tester
	sed "s#^METADATA_LINT=.*#METADATA_LINT=\"xmllint --noout --nonet --relaxng $BATS_TEST_DIRNAME/../data/ocf-ra-api-1.1.rng -\"#" \
		"$(command -v ocf-tester)" >"$t"
	chmod 755 "$t" "$BATS_TEST_TMPDIR"
	"$t" -n "test-$1" -o conf="$F/conf.xml" -o envfile="$F/env" \
		"$ODS_AGENTS/$1" 3>&-
}

state_of() { sed -n "s/^$2=//p" "$OCF_RUN/test-$1.state"; }
pid_of() { state_of "$1" pid; }

# kill_daemon NAME: SIGKILL, and it is gone.
kill_daemon()
{
	local pid
	pid=$(pid_of "$1")
	kill -KILL "$pid"
	wait_until 20 gone "$pid"
}

# by_hand enforcer|signer [CONF]: started without an agent; it answers.  The
# command returns before that.
by_hand()
{
	local socket=$ODS_RUN/enforcer.sock
	[ "$1" = enforcer ] || socket=$ODS_RUN/engine.sock
	SOFTHSM2_CONF=$F/softhsm2.conf "ods-$1d" -c "${2:-$F/conf.xml}" \
		>/dev/null 2>&1 3>&- &&
		wait_until 20 test -s "$ODS_RUN/$1d.pid" &&
		wait_until 20 listening "$socket"
}

# Processes of a daemon that work on our fixture.
daemons()
{
	local p
	for p in $(pgrep -x "$1"); do
		grep -qszF "${F%/ods}" "/proc/$p/cmdline" && echo "$p"
	done
	true
}

# nothing_left NAME: process, socket, pid file and state are gone.
nothing_left()
{
	local d=ods-$1d s=$1.sock p=$1d.pid
	[ "$1" = enforcer ] || { s=engine.sock p=signerd.pid; }
	[ -z "$(daemons "$d")" ] || { echo "$d lives"; return 1; }
	[ ! -e "$ODS_RUN/$s" ] && [ ! -e "$ODS_RUN/$p" ] &&
		[ ! -e "$OCF_RUN/test-$1.state" ] &&
		[ ! -e "$OCF_RUN/test-$1.out" ]
}

# Kill what a failed test has left; only processes on our fixture.
fixture_quiet()
{
	local d p
	for d in ods-enforcerd ods-signerd; do
		for p in $(daemons $d); do
			kill -KILL "$p" 2>/dev/null || true
		done
	done
	wait_until 20 no_daemons
	rm -f $ODS_RUN/*.sock $ODS_RUN/*.pid "$OCF_RUN"/test-*.{state,out} \
		"$OCF_RUN"/pin-refused.*
}

no_daemons() { [ -z "$(daemons ods-enforcerd)$(daemons ods-signerd)" ]; }
