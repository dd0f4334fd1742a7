# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# Container observer: asks ns each second and keeps a journal.

LAB_JOURNAL=/var/lib/ods-lab/journal

observer_build()
{
	node_write observer /usr/src/observer.c <"$LAB_LIB/../observer.c" &&
		node_exec observer gcc -O2 -Wall -Wextra -Werror \
			-o /usr/local/bin/observer /usr/src/observer.c -lunbound
}

# zone_anchor NODE ZONE: the key signing key as that node publishes it.
zone_anchor()
{
	# shellcheck disable=SC2016 # awk's own fields
	node_exec "$1" awk '$4 == "DNSKEY" && $5 == 257 {
		sub(/;.*/, ""); print; exit }' "$ODS_VAR/signed/$2"
}

observer_config()
{
	local z key
	echo "server $(lab_ip ns)"
	for z in $(zones); do
		key=$(zone_anchor "$1" "$z")
		[ -n "$key" ] || { lab_die "no key signing key of $z"; return 1; }
		echo "zone $z $(($(zone_records "$z") - 4))"
		echo "anchor $key"
	done
}

# observer_start NODE: with the trust anchors that this node has now.
observer_start()
{
	observer_config "$1" >"$LAB_DIR/observer.conf" &&
		node_write observer /etc/ods-lab/observer.conf <"$LAB_DIR/observer.conf" &&
		observer_build &&
		node_exec observer mkdir -p "${LAB_JOURNAL%/*}" &&
		node_exec observer systemctl restart lab-observer
}

observer_journal() { node_exec observer cat "$LAB_JOURNAL"; }
observer_last() { node_exec observer tail -n 1 "$LAB_JOURNAL"; }

# observer_all_secure: the newest line has nothing but good answers.
observer_all_secure()
{
	observer_last | awk -v n="$(zone_count)" '{
		for (i = 3; i <= NF; i++)
			good += $i ~ /,secure$/
		exit !(NF - 2 == n && good == n) }'
}

# observer_reached TIME: its newest line is of that second or a later one.
observer_reached()
{
	observer_last | awk -v t="$1" '{ late = $1 < t } END { exit NR == 0 || late }'
}

# observer_judge FROM [TO]: our judgement of that time, with the serials that
# ns logged itself.
observer_judge()
{
	observer_journal >"$LAB_DIR/journal" &&
		ns_history >"$LAB_DIR/serials" &&
		"$LAB_LIB/../judge" -f "$1" -t "${2:-0}" \
			-s "$LAB_DIR/serials" "$LAB_DIR/journal"
}
