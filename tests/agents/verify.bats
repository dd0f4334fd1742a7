#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# ods-verify as it is installed: its verdicts, its exit codes, and what it
# cannot do.  The rules themselves are in tests/unit/verify.

load wait

VERIFY=${ODS_LIBEXEC:-/usr/libexec/ocf-ods}/ods-verify

setup() {
	DATA=$BATS_TEST_DIRNAME/../data/verify
	T=$BATS_TEST_TMPDIR
}

# verify ORIGIN FILE: on the day when it was signed
verify() {
	case $2 in */opendnssec-*) now=1795413600 ;; *) now=1767300000 ;; esac
	run bash -c '"$0" "$1" - --facts 5 <"$2" 5< <(echo "now $3")' \
		"$VERIFY" "$1" "$2" $now
}

@test "zones of OpenDNSSEC and of BIND are ok" {
	for row in example:nsec example:nsec3 example:nsec3-optout \
		example:unsigned ns:opendnssec-nsec n3:opendnssec-nsec3 \
		n3o:opendnssec-optout \
		0/25.2.0.192.in-addr.arpa:opendnssec-slash; do
		verify "${row%%:*}" "$DATA/${row#*:}.zone"
		echo "$row: $output"
		[ "$status" -eq 0 ]
		[[ "$output" =~ ^ok\ serial=[0-9]+\ names=[0-9]+\ rrs=[0-9]+\ rrsigs=[0-9]+\ earliest_expiry=[0-9]+ ]]
	done
}

@test "a file cut at a line end, or inside one, is refused with the line" {
	head -n 40 "$DATA/opendnssec-nsec3.zone" >"$T/cut"
	verify n3 "$T/cut"
	[ "$status" -eq 1 ]
	[[ "$output" == "refused line "* ]]
	[[ "$output" == *"NSEC3: the chain: it is broken: is the file cut?"* ]]
	head -c 3000 "$DATA/unsigned.zone" >"$T/cut"
	verify example "$T/cut"
	[ "$status" -eq 1 ]
	[[ "$output" == "refused line "*"ends in the middle of the line" ]]
	: >"$T/cut"
	verify example "$T/cut"
	[ "$status" -eq 1 ]
	[[ "$output" == "refused "*"no SOA" ]]
}

@test "a zone under an other name is refused" {
	verify example.org "$DATA/nsec.zone"
	[ "$status" -eq 1 ]
	[[ "$output" == "refused line 1: "* ]]
}

@test "usage and bad names are no verdict: 2" {
	run "$VERIFY"
	[ "$status" -eq 2 ]
	run "$VERIFY" example /etc/passwd
	[ "$status" -eq 2 ]
	verify a..b "$DATA/nsec.zone"
	[ "$status" -eq 2 ]
	[[ "$output" == "error "* ]]
}

@test "signatures have run out since then" {
	run bash -c '"$0" example <"$1"' "$VERIFY" "$DATA/nsec.zone"
	[ "$status" -eq 1 ]
	[[ "$output" == *"the RRSIG has expired"* ]]
	[[ "$output" == *"bogus candidate=15"* ]]
}

@test "the version served, the unsigned zone and facts come as descriptors" {
	Z=$BATS_TEST_DIRNAME/../verify/zones
	"$VERIFY" example --served 7 --unsigned 8 --facts 9 <"$Z/gone.zone" \
		7<"$Z/gone.served" 8<"$Z/gone.unsigned" 9<"$Z/gone.facts" \
		>"$T/verdict" || status=$?
	[ "$status" -eq 1 ]
	grep -q '^hard srv.example. SRV: served now and in the unsigned zone' \
		"$T/verdict"
	digest=$(sha256sum <"$Z/nsec.zone" | cut -d ' ' -f 1)
	"$VERIFY" example --served 7 --served-digest "$digest" --facts 9 \
		<"$Z/nsec.zone" 7<"$Z/nsec.zone" \
		9< <(cat "$Z/nsec.facts"; echo history algorithms 13) \
		>"$T/verdict"
	grep -q '^skipped 13$' "$T/verdict"
	run "$VERIFY" example --facts 5 5< <(echo what) <"$Z/nsec.zone"
	[ "$status" -eq 2 ]
	[[ "$output" == "error facts, line 1: "* ]]
}

@test "the verdict may go to a file" {
	"$VERIFY" example <"$DATA/unsigned.zone" >"$T/verdict"
	grep -q '^ok serial=2026010101 ' "$T/verdict"
}

# It has given up what it had, and reads.
waits_for_the_zone()
{
	grep -q '^Uid:.65534' "/proc/$1/status" &&
		grep -q '^NoNewPrivs:.1' "/proc/$1/status" &&
		grep -q '^State:.S' "/proc/$1/status"
}

@test "runs as nobody, with no new privileges, no new descriptors, a filter" {
	mkfifo "$T/fifo"
	"$VERIFY" example <"$T/fifo" >"$T/verdict" 3>&- &
	pid=$!
	exec 9>"$T/fifo"
	wait_until 20 waits_for_the_zone "$pid"
	cp "/proc/$pid/status" "/proc/$pid/limits" "$T/"
	exec 9>&-
	wait "$pid" || true
	cat "$T/status"
	grep -q '^Uid:.65534.65534.65534.65534' "$T/status"
	grep -q '^Gid:.65534.65534.65534.65534' "$T/status"
	grep -qE '^Groups:[[:space:]]*$' "$T/status"
	grep -q '^NoNewPrivs:.1' "$T/status"
	grep -q '^CapEff:.0000000000000000' "$T/status"
	grep -q '^Seccomp:.2' "$T/status"
	grep -qE '^Max open files +0 +0 ' "$T/limits"
	grep -qE '^Max core file size +0 +0 ' "$T/limits"
}
