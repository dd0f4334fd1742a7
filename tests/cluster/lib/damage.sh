# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# What disks, crashes, copies and clocks do to a zone, and what it then is by
# the word of others.  docs/disasters.md.

# shellcheck disable=SC2016 # programs for awk and sh

# offer NODE ZONE AWK: the signed file as the program makes it, one serial on,
# put in the place of the signer's.
offer()
{
	node_sh "$1" "$ODS_VAR/signed/$2" "$3" <<-'EOS'
	awk -v lines="$(wc -l <"$1")" '
		$4 == "SOA" { $7++ }
		'"$2" "$1" >"$1.bad" && chown --reference="$1" "$1.bad" &&
		mv "$1.bad" "$1"
	EOS
}

signer_stops() { ! runs_on signer "$1"; }

# with_signer_stopped NODE ZONE SCRIPT: what happens to its backup2 ($1)
# meanwhile.
with_signer_stopped()
{
	crm pcs resource disable signer
	wait_for 60 "the signer has stopped" signer_stops "$1"
	node_sh "$1" "$ODS_VAR/signer/$2.backup2" <<<"$3"
	crm pcs resource enable signer
	wait_for 60 "the signer runs" runs_on signer "$1"
}

# published_rrs NODE ZONE: of what is published, signatures and chain apart.
published_rrs()
{
	node_exec "$1" awk '$4 !~ /^(RRSIG|NSEC|NSEC3|NSEC3PARAM|DNSKEY)$/ && !/^;/ { n++ } END { print n + 0 }' \
		"$LAB_PUBLISHED/$2"
}

# published_good NODE ZONE: by dnssec-verify; and it has each record that its
# owner handed in.  Says what is wrong.
published_good()
{
	local has want
	has=$(published_rrs "$1" "$2")
	want=$(node_exec "$1" grep -cE '^[^$;]' "$ODS_VAR/unsigned/$2")
	[ "$has" -eq "$want" ] || {
		echo "# DISASTER: $2 is published with $has of $want records" >&3
		return 1
	}
	node_exec "$1" dnssec-verify -q -x -o "$2" "$LAB_PUBLISHED/$2" >"$LAB_DIR/dnssec-verify" 2>&1 || {
		echo "# DISASTER: $2 is published, and dnssec-verify says: $(grep -iE 'error|fail|no |not ' "$LAB_DIR/dnssec-verify" | head -2 | tr '\n' ' ')" >&3
		return 1
	}
}

# said NODE SINCE PATTERN: our daemon has.
said()
{
	node_exec "$1" journalctl -q -o cat -t ods-syncd --since "@${2%.*}" |
		grep -qE "$3"
}

status_holds_none() { ! node_exec "$1" ods-cluster status | grep -q '^Held: '; }

# published_serial NODE ZONE
published_serial()
{
	node_exec "$1" awk '$4 == "SOA" { print $7; exit }' "$LAB_PUBLISHED/$2"
}

# watched NODE ZONE SECONDS [SERIAL]: each version that is published in that
# time is good, and its serial above the last one (RFC 1982), which was SERIAL.
watched()
{
	local last serial end=$(($(date +%s) + $3)) bad=0
	last=${4:-$(published_serial "$1" "$2")}
	while [ "$(date +%s)" -lt "$end" ]; do
		serial=$(published_serial "$1" "$2")
		[ "$serial" = "$last" ] || serial_gt "$serial" "$last" || {
			echo "# DISASTER: serial $serial of $2 after $last" >&3
			bad=1
		}
		last=$serial
		published_good "$1" "$2" || return 1
		sleep 0.5
	done
	return $bad
}
