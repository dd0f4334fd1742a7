#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# simulate.sh EXAMPLE.pcs.sh OUT: where Pacemaker would place what the example
# makes, without a cluster.  Writes OUT/NAME.xml (the configuration) and
# OUT/NAME.CASE.txt.  Needs pcs, crm_simulate, xmllint and our agents in
# /usr/lib/ocf/resource.d/ods: check.sh runs it in the lab's image.
set -euo pipefail

example=$(realpath "$1")
out=$(realpath "$2")
name=${example##*/}
name=${name%.pcs.sh}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# pcs asks systemd for the name server's unit, which is not there offline.
mkdir bin
cat >bin/pcs <<'SH'
#!/bin/sh
case "$*" in *create*systemd:*) set -- "$@" --force ;; esac
exec /usr/sbin/pcs "$@"
SH
chmod 755 bin/pcs

# --- States of a cluster, each a file; each step makes the next.

# attr STATE NODE NAME VALUE: a transient attribute, as attrd would write it.
attr()
{
	CIB_file=$PWD/$1 crm_attribute -N "$2" -n "$3" -l reboot -v "$4"
}

# score STATE NODE VALUE: what ods-syncd says of its node.
score() { attr "$1" "$2" master-state "$3"; }

# settle FROM TO [crm_simulate options]: run transitions until nothing is left;
# what they did goes to the file "actions".
settle()
{
	local from=$1 to=$2 i
	shift 2
	: >actions
	cp "$from" state
	for i in 1 2 3 4 5 6; do
		crm_simulate -x state -S -O state.next "$@" >log
		mv state.next state
		awk '/^Transition Summary/ { on = 1; next } /^$/ { on = 0 }
			on && /\*/ && !/\(blocked\)/ { gsub(/ +/, " "); print "  step '"$i"':" $0 }' log >step
		[ -s step ] || break
		cat step >>actions
		set --
	done
	[ ! -s step ] || echo "  and so on: it does not settle" >>actions
	mv state "$to"
}

# placement STATE: one line per resource, "resource: node(role) ...".
placement()
{
	CIB_file=$PWD/$1 crm_mon -1 --output-as=xml | awk '
	function at(k,   v) {
		v = $0
		if (!sub(".* " k "=\"", "", v)) return ""
		sub("\".*", "", v); return v
	}
	/<resource / { id = at("id"); role = at("role")
		if (id !~ /^fence/ && !(id in where)) { where[id] = ""; ids[++n] = id }
		if ($0 ~ /\/>/) id = "" }
	/<\/resource>/ { id = "" }
	/<node name=/ && id in where { nodes[id, at("name")] = role }
	END {
		for (i = 1; i <= n; i++) {
			line = ""
			for (k = 1; k <= 2; k++)
				if ((ids[i], "n" k) in nodes)
					line = line " n" k "(" nodes[ids[i], "n" k] ")"
			print ids[i] ":" (line == "" ? " stopped" : line)
		}
	}' | sort
}

# story CASE SENTENCE FROM [crm_simulate options]
story()
{
	local name_case=$1 text=$2 from=$3
	shift 3
	settle "$from" after.xml "$@"
	{
		echo "# $text"
		echo "before:"
		placement "$from"
		echo "actions:"
		cat actions
		echo "after:"
		placement after.xml
	} >"$out/$name.$name_case.txt"
}

# --- The configuration, by pcs, as an admin types it.
cibadmin --empty >cib.xml
for n in 1 2; do
	CIB_file=$PWD/cib.xml cibadmin -C -o nodes -X "<node id='$n' uname='n$n'/>"
done
CIB=$PWD/cib.xml PATH=$PWD/bin:$PATH sh "$example" >pcs.log 2>&1 ||
	{ cat pcs.log >&2; exit 1; }
{
	echo '<?xml version="1.0"?>'
	echo '<!--'
	sed -n '/^# When to use it/,/^#$/s/^# / /p' "$example"
	echo " This file is made from ${example##*/}, which says more. -->"
	sed 's/<cib [^>]*>/<cib validate-with="pacemaker-3.9" epoch="1" num_updates="0" admin_epoch="0">/
		/<node id=/d' cib.xml | xmllint --format - | sed 1d
} >"$out/$name.xml"

# --- A cluster that runs: n1 is the source, n2 a holder.
CIB_file=$PWD/cib.xml cibadmin -C -o resources -X \
	'<primitive class="stonith" id="fence" type="fence_dummy"/>'
settle cib.xml up.xml --quorum=true --node-up=n1 --node-up=n2
score up.xml n1 900
score up.xml n2 -INFINITY
settle up.xml promoted.xml
for n in n1 n2; do attr promoted.xml "$n" ods-hsm ok; done
score promoted.xml n1 1000
score promoted.xml n2 900
attr promoted.xml n1 ods-enforce-state 1
attr promoted.xml n2 ods-enforce-state 0
settle promoted.xml running.xml

story first "the first start: n1 may be promoted, n2 not yet" up.xml
story running "both are well: nothing happens" running.xml
story node-lost "n1 is lost: fenced, then n2 takes all over" running.xml \
	--node-fail=n1

cp running.xml not-ready.xml
score not-ready.xml n2 -INFINITY
story node-lost-not-ready "n1 is lost, n2 is no holder: nobody is promoted" \
	not-ready.xml --node-fail=n1

cp running.xml hsm-one.xml
attr hsm-one.xml n1 ods-hsm lost
story hsm-lost-on-source "n1 lost its HSM, n2 has it: the service moves once" \
	hsm-one.xml
cp after.xml moved.xml
score moved.xml n1 900
score moved.xml n2 1000
attr moved.xml n1 ods-enforce-state 0
attr moved.xml n2 ods-enforce-state 1
story hsm-lost-moved "then the enforcer follows, and it stays on n2" moved.xml
cp after.xml moved.xml
attr moved.xml n1 ods-hsm ok
story hsm-back "n1 has its HSM again: nothing goes back" moved.xml

cp running.xml hsm-standby.xml
attr hsm-standby.xml n2 ods-hsm lost
story hsm-lost-on-standby "n2 lost its HSM: nothing moves" hsm-standby.xml
story hsm-lost-on-standby-node-lost \
	"n2 has no HSM and n1 is lost: n2 takes over, it can publish" \
	hsm-standby.xml --node-fail=n1

cp running.xml hsm-both.xml
for n in n1 n2; do attr hsm-both.xml "$n" ods-hsm lost; done
story hsm-lost-on-both "both lost the HSM: nothing moves" hsm-both.xml

cp running.xml hsm-preference.xml
attr hsm-preference.xml n1 ods-hsm lost
score hsm-preference.xml n2 780
story hsm-lost-preference "n1 lost its HSM, n2 is the worse one: nothing moves" \
	hsm-preference.xml

cp running.xml held.xml
attr held.xml n1 ods-enforce-state 0
story enforcer-held "the enforcer is held: only it stops" held.xml

cp running.xml banned.xml
CIB_file=$PWD/banned.xml cibadmin -C -o constraints -X \
	'<rsc_location id="ban" rsc="enforcer" node="n1" score="-INFINITY"/>'
story enforcer-banned "the enforcer is banned from n1: the role stays" banned.xml

cp running.xml failed.xml
attr failed.xml n1 'fail-count-signer#monitor_10000' 3
story signer-failed "the signer failed three times: the role stays" failed.xml \
	--op-inject=signer_monitor_10000@n1=1

cp running.xml standby.xml
CIB_file=$PWD/standby.xml crm_attribute -N n1 -n standby -v on
story node-standby "pcs node standby n1: all of it moves" standby.xml

# Why influence=false: without it the stickiness of those that follow holds
# the role against the 200 of a lost HSM.
sed 's/ influence="false"//' hsm-one.xml >influence.xml
story mutant-influence "n1 lost its HSM, but influence=false is taken out" \
	influence.xml
sed '/<rsc_location id="location-enforcer"/,/<\/rsc_location>/d' held.xml \
	>rule.xml
story mutant-enforcer-rule "the enforcer is held, but its rule is taken out" \
	rule.xml
