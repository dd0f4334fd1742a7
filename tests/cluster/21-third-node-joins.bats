#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# A third, fresh node joins a pair that signs.  The operator types what pcs
# needs, and nothing of ours.  About 4 minutes.

export LAB_NAMES="n1 n2 n3"
load common

setup_file()
{
	story_start n1 n2 && edits_start && fresh_node n3
}

teardown_file() { lab_end; }

# fresh_node NODE: a machine with the packages, conf.xml and a name server,
# that has never been in a cluster.
fresh_node()
{
	cluster_node_prepare "$1" "$(cluster_password)" && fence_client "$1" &&
		ods_configure "$1" && install_rpm "$(lab_rpm)" "$1" &&
		wait_for 20 "pcsd on $1" pcsd_up "$1"
}

same_state()
{
	[ "$(zones_known n3)" = "$(zones_known "$1")" ] &&
		[ "$(keys_known n3)" = "$(keys_known "$1")" ]
}

@test "pcs cluster node add: the clone grows, the node seeds and is a holder" {
	from=$(lab_now)
	source=$(promoted_node)
	[ "$(term_now)" -eq 1 ]
	node_exec n1 pcs stonith update fence \
		pcmk_host_map="$(fence_map n1 n2 n3)"
	# At once after the other: pcsd of Debian 12 answers with an error to what
	# comes 20 s later, when its own connection is given up.
	node_exec n1 pcs host auth n3 addr="$(lab_ip n3)" -u hacluster \
		-p "$(cluster_password)"
	node_exec n1 pcs cluster node add n3 addr="$(lab_ip n3)" --start --enable \
		--wait=60
	at=$(lab_now)
	wait_for 90 "n3 is a holder" is_holder n3
	echo "# a holder $(awk -v a="$at" -v b="$(lab_now)" \
		'BEGIN { printf "%.1f", b - a }') s after it was online" >&3
	run node_exec "$source" ods-cluster status
	echo "$output"
	[ "$status" -eq 0 ]
	[[ ${lines[0]} == *'2 nodes can take over'* ]]
	ns_versions >"$LAB_DIR/served"
	wait_for 10 "n3 has what is served" has_versions n3 "$LAB_DIR/served"
	edits_arrive
	ns_versions >"$LAB_DIR/served"
	wait_for 10 "and what comes" has_versions n3 "$LAB_DIR/served"
	same_state "$source"
	clean_since "$from"
}

@test "nobody else noticed: no role change, no fencing" {
	[ "$(term_now)" -eq 1 ]
	for n in n1 n2 n3; do
		run fenced_since 0 "$n"
		[ "$status" -ne 0 ]
	done
}

@test "the new node takes over" {
	from=$(lab_now)
	crm crm_resource --move --resource state-clone --promoted --node n3
	wait_for 60 "n3 is promoted" promoted_is n3
	wait_for 60 "signer and enforcer on n3" daemons_on n3
	edits_arrive
	crm crm_resource --clear --resource state-clone
	story_settled
	[ "$(cluster_nodes | wc -l)" -eq 3 ]
	clean_since "$from"
}

@test "all three lose power and are back: one source, two holders" {
	from=$(lab_now)
	power_cut
	sleep 3
	for n in n1 n2 n3; do
		node_start "$n"
	done
	story_settled
	edits_arrive
	clean_since "$from"
}
