#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# ZSKs, KSKs and algorithms roll, and the active node is killed in each state
# that a key has on its way; registrars are late, owners edit.  A record of all
# that was served is judged by mixtures.c: what a resolver could have held at
# one time was good.  Nothing that the enforcer knew is lost, and no key in the
# HSM is forgotten without being counted.  MINUTES (40) at most.
#
# Keys live as the policies say, with TTLs of seconds; the observer's anchors
# would not follow the KSKs, so it does not look.

load common

# A step takes less than a minute, as a takeover does: TTL, propagation, safety.
# A ZSK signs beside the old one until all signatures have been renewed.
# shellcheck disable=SC2034 # the lab reads it
KASP=([resign]=PT20S [refresh]=PT59M [validity]=PT1H [jitter]=PT10S
	[ttl]=PT10S [safety]=PT20S [purge]=PT4M [delay]=PT15S [parent]=PT20S)
export LAB_TTL=10

# Kind, role, age, states (key_states), what is asked for at the parent.
WANTED='
zsk ZSK new NrNh -
zsk ZSK new NoNr -
zsk ZSK old NoNu -
zsk ZSK old NuNh -
ksk KSK new hrrN -
ksk KSK new rooN ds-seen
ksk KSK new rooN -
ksk KSK old uooN ds-gone
ksk KSK old uooN -
ksk KSK old huuN -
alg KSK new hrrN -
alg KSK new rooN ds-seen
alg KSK new rooN -
alg KSK old uooN ds-gone
alg KSK old uooN -
alg KSK old huuN -
alg ZSK new NrNr -
alg ZSK new NrNo -
alg ZSK old NuNu -
alg ZSK old NuNh -
'

zones_list()
{
	local kind
	for kind in zsk ksk alg; do
		echo "${kind}1.roll.example nsec-unixtime 9"
		echo "${kind}2.roll.example $([ $kind = alg ] && echo rsa ||
			echo nsec3)-unixtime 9"
	done
}

setup_file()
{
	export LAB_ZONES=$BATS_FILE_TMPDIR/zones
	zones_list >"$LAB_ZONES"
	local rpm
	rpm=$(lab_rpm) && lab_down && lab_up && cluster_form && ods_configure &&
		ns_configure && install_rpm "$rpm" && cluster_create &&
		record_build &&
		wait_for 90 "a promoted node" promoted_node || return 1
	promoted_noted
	wait_for 60 "signer and enforcer" daemons_on "$(promoted_node)" &&
		zones_write "$(promoted_node)" && zones_add "$(promoted_node)" &&
		story_sign "$(promoted_node)" &&
		wait_for 90 "ns serves every zone" ns_serves_all && record_start &&
		wait_for 60 "a holder" standbys_hold "$(promoted_node)"
}

teardown_file() { lab_end; }

# --- owners and registrars -----------------------------------------------------

# registrars_act, owners_act: until $LAB_DIR/act is gone, on the node that signs
# by then.
registrars_act()
{
	while sleep 1 && [ -e "$LAB_DIR/act" ]; do
		registrars "$(<"$LAB_DIR/promoted")" 25 || true
	done >>"$LAB_DIR/acts"
}

owners_act()
{
	local all
	mapfile -t all < <(zones)
	while sleep 1 && [ -e "$LAB_DIR/act" ]; do
		zone_edit "$(<"$LAB_DIR/promoted")" \
			"${all[RANDOM % ${#all[@]}]}" || true
	done
}

others_start()
{
	local who
	touch "$LAB_DIR/act"
	for who in registrars_act owners_act; do
		lab_detach $who "$BASH" -c "
			. '$BATS_TEST_DIRNAME/lab.sh'
			lab_attach
			$(declare -f $who)
			$who"
	done
}

others_end() { rm -f "$LAB_DIR/act"; }

all_delegated()
{
	! key_states "$(<"$LAB_DIR/promoted")" | grep ' KSK ' |
		grep -v ' oooN -$'
}

# --- rollovers -------------------------------------------------------------------

# lasting: without what lasts for a moment only.
lasting() { grep -vE ' ds-(submit|retract)$'; }

# missing: what is wanted, or was seen, and nobody was killed in.
missing()
{
	sort -u "$LAB_DIR/seen" - <<<"$WANTED" | lasting | grep . |
		grep -vxFf "$LAB_DIR/killed" || true
}

# roll_next KIND: in its next zone, unless the last one began a moment ago.
roll_next()
{
	local kind=$1 zone last=0 now i
	now=$(date +%s)
	[ ! -e "$LAB_DIR/rolled.$kind" ] || read -r last i <"$LAB_DIR/rolled.$kind"
	[ $((now - last)) -ge 75 ] || return 0
	zone=$kind$((${i:-0} % 2 + 1)).roll.example
	! grep -q " $zone " "$LAB_DIR/rolling" || return 0
	roll "$active" "$kind" "$zone" >/dev/null 2>&1 || return 0
	echo "$now $((${i:-0} + 1))" >"$LAB_DIR/rolled.$kind"
	# shellcheck disable=SC2046 # a list
	echo "$kind" "$zone" $(awk -v z="$zone" -v k="$kind" '$1 == z &&
		(k == "alg" || tolower($2) == k) { print $3 }' "$LAB_DIR/keys") \
		>>"$LAB_DIR/rolling"
	say "$kind rollover of $zone"
}

say() { echo "# $(date +%T) $*" >&3; }

# look: what the active node's enforcer knows; two older ones are kept.
look()
{
	key_states "$active" >"$LAB_DIR/keys.new" 2>/dev/null &&
		[ -s "$LAB_DIR/keys.new" ] || return 1
	cp "$LAB_DIR/keys.new" "$LAB_DIR/keys.$(lab_now)"
	mv "$LAB_DIR/keys.new" "$LAB_DIR/keys"
	rolling "$LAB_DIR/keys" "$LAB_DIR/rolling" >"$LAB_DIR/states"
	local what zone
	while read -r what zone; do
		case $what in
		done) say "$zone has rolled" ;;
		idle) begun_long_ago "$zone" || continue
			say "$zone does not roll" ;;
		*) continue ;;
		esac
		sed -i "/ $zone /d" "$LAB_DIR/rolling"
	done <"$LAB_DIR/states"
	sed -n 's/^state //p' "$LAB_DIR/states" >"$LAB_DIR/on-their-way"
	sort -u -o "$LAB_DIR/seen" "$LAB_DIR/seen" "$LAB_DIR/on-their-way"
}

# begun_long_ago ZONE: a command that was given just before a kill may be lost.
begun_long_ago()
{
	local kind=${1%%[0-9]*} begun
	read -r begun _ <"$LAB_DIR/rolled.$kind"
	[ $(($(date +%s) - begun)) -ge 240 ]
}

# looked_before TIME: the newest look that is older.
looked_before()
{
	local f last=
	for f in "$LAB_DIR"/keys.[0-9]*; do
		awk -v a="${f##*keys.}" -v b="$1" 'BEGIN { exit !(a < b) }' &&
			last=$f
	done
	echo "$last"
}

# --- kills -----------------------------------------------------------------------

settled()
{
	local n
	wait_for 180 "all nodes online" all_online &&
		wait_for 60 "a promoted node" promoted_noted &&
		n=$(<"$LAB_DIR/promoted") &&
		wait_for 180 "the others are holders" standbys_hold "$n"
}

# kill_now: in the states of the last look.
kill_now()
{
	local at before kept
	say "kill $((++kills)) of $active: $(grep -vxFf "$LAB_DIR/killed" "$LAB_DIR/on-their-way" | paste -sd ';')"
	sleep 0.$((RANDOM % 10))
	at=$(lab_now)
	node_kill "$active"
	killed=$active
	wait_for 120 "another node is promoted" promoted_but "$killed" || return 1
	promoted_noted
	active=$(<"$LAB_DIR/promoted")
	key_states "$active" >"$LAB_DIR/kept" || return 1
	keys_lost "$LAB_DIR/keys" "$LAB_DIR/kept" | sed 's/^/# of the last moment: /' >&3
	before=$(looked_before "$(awk -v t="$at" 'BEGIN { printf "%.3f", t - 2 }')")
	kept=$(keys_lost "$before" "$LAB_DIR/kept")
	[ -z "$kept" ] || {
		echo "$kept" | sed "s/^/# LOST of ${before##*keys.}, killed at $at: /" >&3
		return 1
	}
	rm -f "$LAB_DIR"/keys.[0-9]*
	sort -u -o "$LAB_DIR/killed" "$LAB_DIR/killed" "$LAB_DIR/on-their-way"
	wait_for 120 "signer on $active" runs_on signer "$active" && settled
	active=$(<"$LAB_DIR/promoted")
}

# new_states: a key is where nobody was killed yet.
new_states()
{
	lasting <"$LAB_DIR/on-their-way" | grep -qvxFf "$LAB_DIR/killed"
}

# moves: the enforcer has done something in the last minutes.
moves()
{
	local now
	now=$(date +%s)
	if ! cmp -s "$LAB_DIR/keys" "$LAB_DIR/keys-then"; then
		cp "$LAB_DIR/keys" "$LAB_DIR/keys-then"
		moved=$now
	fi
	[ $((now - moved)) -lt 600 ] || {
		say "STUCK: $(node_exec "$active" ods-cluster status | grep -E '^[A-Z]+:|^Enforcer')"
		return 1
	}
}

roll_and_kill()
{
	local end kind kills=0 active killed moved
	end=$(($(date +%s) + ${MINUTES:-40} * 60))
	active=$(<"$LAB_DIR/promoted")
	while [ -n "$(missing)" ] && [ "$(date +%s)" -lt "$end" ]; do
		look || { sleep 0.5; continue; }
		moves || return 1
		if new_states; then
			kill_now || return 1
			continue
		fi
		for kind in $(missing | awk '{ print $1 }' | sort -u); do
			roll_next "$kind"
		done
		sleep 0.2
	done
}

table()
{
	{
		echo 'KIND ROLE KEY DS,DNSKEY,RRSIGDNSKEY,RRSIG ASKED KILLED'
		sort -u "$LAB_DIR/seen" <(grep . <<<"$WANTED") | lasting |
			while read -r l; do
				echo "$l $(grep -qxF "$l" "$LAB_DIR/killed" &&
					echo yes || echo NEVER)"
			done
	} | column -t | sed 's/^/# /' >&3
}

@test "a key that is gone, a state or a registrar's word that went back, is told" {
	cat >"$LAB_DIR/a" <<-'KEYS'
	z KSK k1 1 rooN -
	z KSK k2 2 uooN ds-gone
	z ZSK z1 3 NoNr -
	z ZSK z2 4 NuNh -
	z ZSK dead 5 NhNh -
	- POOL p1 - - -
	- POOL p2 - - -
	KEYS
	[ -z "$(keys_lost "$LAB_DIR/a" "$LAB_DIR/a")" ]
	cat >"$LAB_DIR/b" <<-'KEYS'
	z KSK k1 1 oooN -
	z KSK k2 2 huuN -
	z ZSK z1 3 NoNo -
	z ZSK z2 4 NhNh -
	z ZSK p1 6 NrNh -
	- POOL p2 - - -
	KEYS
	[ -z "$(keys_lost "$LAB_DIR/a" "$LAB_DIR/b")" ]
	keys_lost "$LAB_DIR/b" "$LAB_DIR/a" | grep -q 'went back to -: z ZSK p1'
	grep -v ' z2 ' "$LAB_DIR/a" >"$LAB_DIR/c"
	[ "$(keys_lost "$LAB_DIR/a" "$LAB_DIR/c")" = 'key gone: z ZSK z2 4 NuNh -' ]
	sed 's/uooN/oooN/' "$LAB_DIR/a" >"$LAB_DIR/c"
	keys_lost "$LAB_DIR/a" "$LAB_DIR/c" | grep -q '^went back to oooN: z KSK k2'
	sed 's/rooN -/rooN ds-seen/' "$LAB_DIR/a" >"$LAB_DIR/c"
	keys_lost "$LAB_DIR/a" "$LAB_DIR/c" | grep -q '^asks for ds-seen again: z KSK k1'
	grep -v ' p2 ' "$LAB_DIR/a" >"$LAB_DIR/c"
	keys_lost "$LAB_DIR/a" "$LAB_DIR/c" | grep -q '^key gone: - POOL p2'
}

@test "the active node is killed in each state of a rollover, and no state is lost" {
	: >"$LAB_DIR/rolling"
	echo none >"$LAB_DIR/killed"
	: >"$LAB_DIR/seen"
	date +%s >"$LAB_DIR/from"
	others_start
	wait_for 180 "a DS of each zone" all_delegated
	roll_and_kill || { table; return 1; }
	table
	[ -z "$(missing)" ]
}

@test "each rollover that began comes to its end" {
	active=$(<"$LAB_DIR/promoted")
	all_rolled() { look && [ ! -s "$LAB_DIR/rolling" ]; }
	wait_for 600 "all rollovers are over" all_rolled 3>&1
	wait_for 120 "edits of all zones are served" edits_arrive
	others_end
	awk '{ count[$3]++ } END { for (w in count) print "#", count[w], w }' \
		"$LAB_DIR/acts" >&3
}

@test "no resolver that held parts of several versions called anything bogus" {
	others_end
	record_write "$LAB_DIR/served"
	record_misses "$LAB_DIR/served" "$(<"$LAB_DIR/from")" >"$LAB_DIR/misses"
	sed 's/^/# /' "$LAB_DIR/misses" >&3
	"$LAB_DIR/mixtures" "$LAB_DIR/served/record" >"$LAB_DIR/mixed" || bad=1
	sed 's/^/# /' "$LAB_DIR/mixed" | tail -20 >&3
	[ -z "${bad:-}" ] && [ ! -s "$LAB_DIR/misses" ]
	# had the parents changed their DS at once, there would be a lot to say
	awk '$1 == "parent" { if (!($2 in from)) from[$2] = $3
		to[$2] = $4; file[$2] = $5; next }
		{ print }
		END { for (z in from) print "parent", z, from[z], to[z], file[z] }
		' "$LAB_DIR/served/record" >"$LAB_DIR/served/at-once"
	run "$LAB_DIR/mixtures" "$LAB_DIR/served/at-once"
	[ "$status" -eq 1 ]
}

# --- keys -----------------------------------------------------------------------

in_hsm()
{
	hsm_objects "$1" 2>/dev/null | awk '
		/Object/ { private = /^Private Key Object/ }
		private && $1 == "ID:" { print tolower($2) }' | sort -u
}

on_record() { kasp_ask "$1" 'SELECT lower(locator) FROM hsmKey' | sort -u; }

in_use()
{
	key_states "$1" | awk '$5 ~ /[rou]/ { print tolower($3) }' | sort -u
}

# orphan NODE: what is left of an enforcer that dies between making a key and
# noting it.
orphan()
{
	node_sh "$1" "$LAB_TOKEN" "$LAB_PIN" "$(od -An -N16 -tx1 /dev/urandom |
		tr -d ' ')" <<-'EOS' >/dev/null 2>&1
	set -a
	. /etc/default/opendnssec
	timeout 20 pkcs11-tool --module /usr/lib/*/pkcs11/p11-kit-client.so \
		--token-label "$1" --login --pin "$2" --keypairgen \
		--key-type EC:prime256v1 --id "$3" --label "$3"
	EOS
}

told_extra()
{
	[ "$(node_exec "$1" ods-cluster --json status |
		sed -n 's/.*"extra": *\([0-9]*\).*/\1/p')" = "$2" ]
}

@test "a key in the HSM that the database does not know is counted" {
	n=$(<"$LAB_DIR/promoted")
	orphan "$n"
	# and those of a node that dies while it makes keys
	node_exec "$n" timeout 20 ods-enforcer key generate -p nsec-unixtime \
		-d P2Y >/dev/null &
	sleep 0.5
	node_kill "$n"
	wait || true
	wait_for 120 "another node is promoted" promoted_but "$n"
	settled
	n=$(<"$LAB_DIR/promoted")
	wait_for 480 "the enforcer runs" runs_on enforcer "$n"
	sleep 5
	in_hsm "$n" >"$LAB_DIR/hsm"
	on_record "$n" >"$LAB_DIR/db"
	[ -s "$LAB_DIR/hsm" ] && [ -s "$LAB_DIR/db" ]
	extra=$(comm -23 "$LAB_DIR/hsm" "$LAB_DIR/db" | wc -l)
	echo "# $(wc -l <"$LAB_DIR/hsm") keys in the HSM, $extra of them in no database" >&3
	[ "$extra" -gt 0 ]
	[ -z "$(comm -13 "$LAB_DIR/hsm" <(in_use "$n"))" ]
	wait_for 300 "status tells of $extra" told_extra "$n" "$extra" || {
		node_exec "$n" ods-cluster status | sed 's/^/# /' >&3
		return 1
	}
}
