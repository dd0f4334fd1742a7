#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# BULK (1000) zones of 21 records beside the lab's ten: signed anew all at
# once, how long until each is published; and the loss of the machine that
# signs them.  About 8 minutes.

load common

BULK=${BULK:-1000}

setup_file()
{
	local n
	story_start && bulk_serve && n=$(promoted_node) &&
		bulk_write "$n" 1 "$BULK" &&
		bulk_add "$n" 1 "$BULK" >"$LAB_DIR/bulk.added" &&
		wait_for 600 "$BULK zones are published" bulk_published
}

teardown_file() { lab_end; }

setup()
{
	lab_attach
	from=$(lab_now)
	source=$(promoted_node)
	standby=$(other_node "$source")
}

kasp_more() { bulk_policy; }

# bulk_serve: the hidden primary knows them, on each node.
bulk_serve()
{
	local n
	for n in $(lab_nodes); do
		node_sh "$n" "$BULK" <<-'EOS' || return 1
		for ((i = 1; i <= $1; i++)); do
			printf 'zone:\n  name: "%s"\n  zonefile: "%s"\n' \
				z$i.bulk.example z$i.bulk.example
		done >>/etc/nsd/nsd.conf
		! systemctl -q is-active nsd || nsd-control reconfig >/dev/null
		EOS
	done
}

# bulk_files NODE [FIND-ARGUMENT...]: how many of them it has in published/.
bulk_files()
{
	node_exec "$1" find "$LAB_PUBLISHED" -name '*.bulk.example' "${@:2}" |
		wc -l
}
bulk_published() { [ "$(bulk_files "$(promoted_node)")" -eq "$BULK" ]; }

# bulk_serials NODE: "ZONE SERIAL" of each, as it lies there.
bulk_serials()
{
	node_sh "$1" "$LAB_PUBLISHED" <<-'EOS'
	cd "$1" && awk '$4 == "SOA" { print FILENAME, $7; nextfile }' \
		*.bulk.example
	EOS
}

# bulk_lags NODE: for each the seconds from the signer's last write (the mtime,
# which travels with the file) until it lay in published/ there (the ctime, or
# a little later).
bulk_lags()
{
	node_sh "$1" "$LAB_PUBLISHED" <<-'EOS' |
	cd "$1" && stat -c '%.3Y %.3Z' *.bulk.example
	EOS
		awk '{ printf "%.3f\n", $2 - $1 }'
}

# bulk_span NODE: "FIRST LAST PUBLISHED": when the signer wrote the first and
# the last of them, and when the last was in published/ there.
bulk_span()
{
	node_sh "$1" "$LAB_PUBLISHED" <<-'EOS' |
	cd "$1" && stat -c '%.3Y %.3Z' *.bulk.example
	EOS
		awk 'NR == 1 || $1 < a { a = $1 } $1 > b { b = $1 }
		$2 > c { c = $2 } END { print a, b, c }'
}

resigned() { [ "$(bulk_files "$source" -newer "$LAB_MARK")" -eq "$BULK" ]; }
LAB_MARK=/run/lab-mark

threads_idle()
{
	node_exec "$source" timeout 5 ods-enforcer queue | grep -q 'threads idle'
}

@test "all of them signed anew at once: published as they are signed" {
	wait_for 300 "enforcer is idle" threads_idle
	bulk_serials "$source" >"$LAB_DIR/bulk.before"
	[ "$(wc -l <"$LAB_DIR/bulk.before")" -eq "$BULK" ]
	node_sh "$source" "$ODS_VAR/unsigned" "$LAB_MARK" <<-'EOS'
	set -e
	touch "$2"
	sleep 1
	sed -i "s/^edited .*/edited TXT \"$(date +%s)\"/" "$1"/*.bulk.example
	ods-signer sign --all >/dev/null
	EOS
	wait_for 600 "all are published" resigned
	read -r first last published < <(bulk_span "$source")
	awk -v a="$first" -v b="$last" -v c="$published" 'BEGIN {
		printf "# signed within %.1f s; the last one published %.2f s after it was signed\n",
			b - a, c - b
		exit c - b > 50 }' >&3
	echo "# until published, s: $(bulk_lags "$source" | distribution)" >&3
	wait_for 30 "the standby has them" same_serials
	echo "# until on the standby, s: $(bulk_lags "$standby" | distribution)" >&3
	# No zone waits for the whole of them.
	[ "$(bulk_lags "$source" | sort -n | awk -v n="$BULK" \
		'NR == int(n / 2) { print ($1 < 10) }')" -eq 1 ]
	awk 'NR == FNR { s[$1] = $2; next } !($2 > s[$1]) { print; bad = 1 }
		END { exit bad }' "$LAB_DIR/bulk.before" "$LAB_DIR/bulk.source"
	clean_since "$from"
}

same_serials()
{
	bulk_serials "$source" >"$LAB_DIR/bulk.source" &&
		bulk_serials "$standby" >"$LAB_DIR/bulk.standby" &&
		[ "$(wc -l <"$LAB_DIR/bulk.source")" -eq "$BULK" ] &&
		cmp "$LAB_DIR/bulk.source" "$LAB_DIR/bulk.standby"
}

@test "the machine that signs them dies: the other one has them all" {
	bulk_serials "$source" >"$LAB_DIR/bulk.before"
	kill_active 1
	takeover_timeline "$KILLED" "$SURVIVOR" "$KILLED_AT" | sed 's/^/# /' >&3
	[ "$(bulk_files "$SURVIVOR")" -eq "$BULK" ]
	bulk_serials "$SURVIVOR" >"$LAB_DIR/bulk.after"
	awk 'NR == FNR { s[$1] = $2; next } !($2 >= s[$1]) { print; bad = 1 }
		END { exit bad || FNR != NR - FNR }' \
		"$LAB_DIR/bulk.before" "$LAB_DIR/bulk.after"
	edits_arrive
	story_settled
	clean_since "$from"
}
