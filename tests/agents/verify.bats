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

# verify ORIGIN FILE
verify() {
	run bash -c '"$0" "$1" - <"$2"' "$VERIFY" "$1" "$2"
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
	[[ "$output" == "refused line "*"is the file cut?" ]]
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

@test "the verdict may go to a file" {
	"$VERIFY" example <"$DATA/nsec.zone" >"$T/verdict"
	grep -q '^ok serial=2026010101 ' "$T/verdict"
}

@test "runs as nobody, with no new privileges, no new descriptors, a filter" {
	mkfifo "$T/fifo"
	"$VERIFY" example <"$T/fifo" >"$T/verdict" 3>&- &
	pid=$!
	exec 9>"$T/fifo"
	wait_until 20 grep -q '^Seccomp:.2' "/proc/$pid/status"
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
