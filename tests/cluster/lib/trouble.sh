# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# Partitions, nodes that boot alone, nodes that do not come back.

# link_cut NODE PEER: nothing passes between them, by rules on NODE, until
# link_mend NODE or its next boot.
link_cut()
{
	node_exec "$1" nft "add table inet lablink; add chain inet lablink out { type filter hook output priority 0; }; add rule inet lablink out ip daddr $(lab_ip "$2") drop; add chain inet lablink in { type filter hook input priority 0; }; add rule inet lablink in ip saddr $(lab_ip "$2") drop"
}

link_mend() { node_exec "$1" nft delete table inet lablink; }

# data_cut NODE: nothing passes on the data port there; Corosync is not touched.
data_cut()
{
	node_exec "$1" nft "add table inet labdata; add chain inet labdata out { type filter hook output priority 0; }; add rule inet labdata out tcp dport 6405 drop; add rule inet labdata out tcp sport 6405 drop; add chain inet labdata in { type filter hook input priority 0; }; add rule inet labdata in tcp dport 6405 drop; add rule inet labdata in tcp sport 6405 drop"
}

data_mend() { node_exec "$1" nft delete table inet labdata; }

# node_off NODE: its power is cut and it stays off, since nobody fences now.
node_off() { node_kill "$1"; }

# alone_up NODE: that node starts without the others, and an operator who is
# sure that they are off has said so: quorum, and fencing where Pacemaker asks.
alone_up()
{
	local other
	if node_running "$1"; then
		node_exec "$1" pcs cluster start >/dev/null 2>&1
	else
		node_start "$1"
	fi
	wait_for 60 "Pacemaker on $1" node_exec "$1" crm_mon -1 &&
		wait_for 20 "quorum unblocked" quorum_unblock "$1" || return 1
	for other in $(other_nodes "$1"); do
		node_exec "$1" pcs stonith confirm "$(cluster_name "$other")" \
			--force >/dev/null 2>&1 || return 1
	done
	wait_for 60 "state runs on $1" alone_judged "$1"
}

quorum_unblock()
{
	has_quorum "$1" || node_exec "$1" pcs quorum unblock --force
	has_quorum "$1"
}

has_quorum()
{
	node_exec "$1" corosync-quorumtool -s 2>/dev/null |
		grep -q '^Quorate: *Yes'
}

# alone_judged NODE: its daemon runs and has judged itself with quorum.
alone_judged() { status_line "$1" | grep -vqE 'does not run|no quorum|^$'; }

# status_line NODE: line 1 of ods-cluster status there.
status_line() { node_exec "$1" ods-cluster status 2>/dev/null | head -1; }

status_has() { [[ $(status_line "$1") == *"$2"* ]]; }

# never_promoted NODE SECONDS: no promotion there in all that time.
never_promoted()
{
	local end=$(($(date +%s) + $2))
	while [ "$(date +%s)" -lt "$end" ]; do
		! node_exec "$1" sh -c \
			'pgrep -x ods-signerd || pgrep -x ods-enforcerd' || return 1
		[ "$(local_role "$1")" != promoted ] || return 1
		sleep 1
	done
}

# local_role NODE: promoted or unpromoted, by the state file that the agent's
# monitor reads.
local_role() { node_exec "$1" sed -n 's/^role=//p' /run/ocf-ods/state.state; }
