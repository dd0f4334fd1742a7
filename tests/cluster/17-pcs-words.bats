#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# What an admin reads: pcs resource describe, a wrong value or option at
# creation, and the sentence in pcs status when something is missing at start.
# One node, without fencing.  About 2 minutes.

load common

AGENTS="state enforcer signer hsm"
PCS_SCHEMA=/usr/share/pcs/data/ocf-1.1.rng

setup_file()
{
	solo_up && solo_sh <<-'EOS'
	fixture_make && one_node_up && cibadmin --empty >/root/cib.xml
	EOS
}

teardown_file() { lab_end; }

teardown()
{
	solo_sh <<-'EOS'
	for r in $(crm_resource --list-raw 2>/dev/null); do
		pcs resource delete "${r%:*}" --force
	done >/dev/null 2>&1
	true
	EOS
}

# refused WORDS CREATE-ARGS...: pcs does not create it, and says why.
refused()
{
	local words=$1
	shift
	run node_exec n1 pcs -f /root/cib.xml resource create "$@" --agent-validation
	echo "$output"
	[ "$status" -ne 0 ] && [[ $output == *"$words"* ]]
}

# fails_with WORDS CREATE-ARGS...: it is created, and pcs status has the words.
fails_with()
{
	local words=$1
	shift
	node_exec n1 pcs resource create "$@"
	wait_for 30 "in pcs status: $words" status_says "$words" || {
		node_exec n1 pcs status
		return 1
	}
}
status_says() { node_exec n1 pcs status --full | tr -s '\n ' ' ' | grep -qF "$1"; }

metadata() { node_exec n1 "/usr/lib/ocf/resource.d/ods/$1" meta-data; }

@test "the metadata is valid by the schema that pcs ships" {
	node_exec n1 test -s $PCS_SCHEMA
	for a in $AGENTS; do
		node_exec n1 sh -c "/usr/lib/ocf/resource.d/ods/$a meta-data |
			xmllint --noout --nonet --relaxng $PCS_SCHEMA -"
	done
}

@test "pcs lists the four agents, each with its noun" {
	run node_exec n1 pcs resource list ocf:ods
	echo "$output"
	[ "$status" -eq 0 ]
	for a in $AGENTS; do
		[ "$(grep -c "^ocf:ods:$a - [A-Z]" <<<"$output")" -eq 1 ]
	done
}

@test "describe has every parameter, each with what it is and its default" {
	for a in $AGENTS; do
		text=$(node_exec n1 pcs resource describe "ocf:ods:$a")
		names=$(metadata "$a" | sed -n 's/.*<parameter name="\([^"]*\)".*/\1/p')
		[ -n "$names" ]
		for p in $names; do
			line=$(grep -E "^  $p( \(.*\))?: [^ ].{30}.*\. Default: [^ ].*\.$" \
				<<<"$text") || { echo "$a: $p"; return 1; }
		done
		[[ $text == *'Default operations:'* ]]
	done
}

@test "an unknown option: the ones that exist" {
	refused "invalid resource option 'prot', allowed options are: 'address'" \
		s ocf:ods:state prot=1 promotable
	for a in enforcer signer; do
		refused "allowed options are: 'binary', 'conf', 'envfile'" \
			r "ocf:ods:$a" config=/etc/conf.xml
	done
	refused "invalid resource option 'slot', allowed options are: 'conf'" \
		h ocf:ods:hsm slot=0
}

@test "a wrong value: what to set" {
	refused 'port=99999 is out of range: set 1 to 65535' \
		s ocf:ods:state port=99999 promotable
	refused 'port=abc is not a whole number: set 1 to 65535' \
		s ocf:ods:state port=abc promotable
	refused 'barrier_timeout=0 is out of range: set 1 to 3600 s' \
		s ocf:ods:state barrier_timeout=0 promotable
	refused 'conf=conf.xml is not an absolute path: start it with /' \
		e ocf:ods:enforcer conf=conf.xml
	refused 'socket=sock is not an absolute path: start it with /' \
		g ocf:ods:signer socket=sock
	refused 'probe_timeout=0 is out of range: set 1 to 300 s' \
		h ocf:ods:hsm probe_timeout=0
}

@test "two state resources in one directory are refused by pcs" {
	node_exec n1 pcs -f /root/cib.xml resource create one ocf:ods:state \
		state_dir=/var/lib/one port=6501 promotable
	refused 'not unique' two ocf:ods:state state_dir=/var/lib/one port=6502 \
		promotable
	refused 'not unique' two ocf:ods:state state_dir=/var/lib/two port=6501 \
		promotable
}

@test "conf.xml is missing at start: install or set it" {
	for a in enforcer signer; do
		fails_with "/nowhere/conf.xml is missing: install opendnssec or set conf=" \
			"$a" "ocf:ods:$a" conf=/nowhere/conf.xml
	done
	node_exec n1 pcs resource delete enforcer
	node_exec n1 pcs resource delete signer
	fails_with "/nowhere/conf.xml is missing: install opendnssec or set conf=" \
		state ocf:ods:state conf=/nowhere/conf.xml promotable
}

@test "a daemon is missing at start: which package to install" {
	fails_with 'ods-enforcerd is not installed: install opendnssec-enforcer' \
		enforcer ocf:ods:enforcer conf=/var/tmp/solo/ods/conf.xml \
		binary=/nowhere/ods-enforcerd
	fails_with 'ods-nosuchd is not installed: install opendnssec-signer' \
		signer ocf:ods:signer conf=/var/tmp/solo/ods/conf.xml \
		binary=ods-nosuchd
	node_exec n1 mv /usr/libexec/ocf-ods/ods-syncd /root/
	fails_with 'ods-syncd is missing: install ocf-ods again' \
		state ocf:ods:state conf=/var/tmp/solo/ods/conf.xml promotable
	node_exec n1 mv /root/ods-syncd /usr/libexec/ocf-ods/
}

@test "state outside a promotable clone: how to make one" {
	fails_with 'pcs resource promotable lone' \
		lone ocf:ods:state conf=/var/tmp/solo/ods/conf.xml
}

@test "hsm without conf.xml: which file" {
	fails_with '/nowhere/conf.xml' hsm ocf:ods:hsm conf=/nowhere/conf.xml
}
