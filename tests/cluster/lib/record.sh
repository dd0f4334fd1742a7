# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# The parent of the zones, which is files here, and a record of all that it and
# ns served: what mixtures.c judges.

LAB_RECORD=/var/lib/ods-lab/record

# record_build: who records and who judges, on this host.
record_build()
{
	local p
	lab_host_packages gcc libc6-dev libldns-dev || return 1
	for p in record mixtures; do
		${CC:-cc} -O2 -Wall -Wextra -Werror -o "$LAB_DIR/$p" \
			"$LAB_LIB/../$p.c" -lldns || return 1
	done
}

# record_start: from now on.
record_start()
{
	mkdir -p "$LAB_DIR/parent"
	: >"$LAB_DIR/parent/log"
	# shellcheck disable=SC2046 # a list
	node_write observer /usr/local/bin/lab-record 755 <"$LAB_DIR/record" &&
		node_exec observer mkdir -p "$LAB_RECORD" &&
		node_exec observer systemd-run -q --unit lab-record \
			/usr/local/bin/lab-record "$(lab_ip ns)" "$LAB_RECORD" $(zones)
}

# parent_has ZONE TAG
parent_has()
{
	awk -v tag="$2" '$5 == tag { n++ } END { exit !n }' \
		"$LAB_DIR/parent/$1" 2>/dev/null
}

# parent_set ZONE: its DS set is what stdin says, from now on.
parent_set()
{
	local now=$LAB_DIR/parent/$1 when
	when=$(lab_now)
	cat >"$now.$when" && cp "$now.$when" "$now" &&
		echo "$1 $when" >>"$LAB_DIR/parent/log"
}

# parent_add ZONE TAG: a DS of the key as ns serves it; none when it does not.
parent_add()
{
	local ds
	ds=$(node_sh observer "$(lab_ip ns)" "$1" <<-'EOS' |
		dig +noall +answer +time=1 +tries=3 @"$1" "$2" DNSKEY |
			dnssec-dsfromkey -2 -f - "$2"
		EOS
		awk -v ttl="${LAB_TTL:-60}" -v tag="$2" '$4 == tag {
			$1 = $1 " " ttl; print }')
	[ -n "$ds" ] || return 1
	{
		cat "$LAB_DIR/parent/$1" 2>/dev/null
		echo "$ds"
	} | sort -u | parent_set "$1"
}

# parent_remove ZONE TAG: unless that is its last DS.
parent_remove()
{
	local rest
	rest=$(awk -v tag="$2" '$5 != tag' "$LAB_DIR/parent/$1")
	[ -n "$rest" ] && parent_set "$1" <<<"$rest"
}

# record_write DIR: the files, and DIR/record, for mixtures.
record_write()
{
	local now
	rm -rf "$1"
	pod cp "$LAB_PREFIX-observer:$LAB_RECORD" "$1" || return 1
	now=$(lab_now)
	{
		sort -s -k1,1 "$LAB_DIR/parent/log" | awk -v now="$now" \
			-v dir="$LAB_DIR/parent" '
			function tell(to) { print "parent", z, t, to,
				dir "/" z "." t }
			z { tell(z == $1 ? $2 : now) }
			{ z = $1; t = $2 }
			END { tell(now) }'
		sort -s -k1,1 "$1/log" | awk -v now="$now" -v dir="$1" '
			function tell(to) { print "version", z, from, to,
				dir "/" z "." serial }
			z { tell(z == $1 ? $4 : now) }
			{ z = $1; serial = $2; from = $3 }
			END { tell(now) }'
	} >"$1/record"
}

# record_misses DIR SINCE: versions that ns took over, by its own log, and that
# are not in the record.  Between two reloads NSD lets a second pass: one that
# was followed within half of that was never served.
record_misses()
{
	ns_history "$2" | awk '
	function judge(z, now) {
		if (z in serial && !((z, serial[z]) in seen) &&
		    now - at[z] >= 0.5)
			print "not recorded:", z, serial[z], "of", at[z]
	}
	NR == FNR { seen[$1, $2] = 1; next }
	{ judge($2, $1); at[$2] = $1; serial[$2] = $3; last = $1 }
	END { for (z in at) judge(z, last + 1) }' "$1/log" -
}
