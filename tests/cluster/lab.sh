#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# The lab: two or more Pacemaker nodes, a network HSM, a public name server and
# an observer, each a container.  Source it for its functions, or run it.
#
# LAB_PREFIX  names of all containers begin with it (ods)
# LAB_DIR     state directory ($TMPDIR/ocf-ods-lab/PREFIX)
# LAB_NAMES   cluster node names of the containers n1, n2, ... ("n1 n2"): as many
#             nodes as names; set it before the library is loaded

LAB_LIB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/lib
for lab_part in "$LAB_LIB"/*.sh; do
	# shellcheck source=/dev/null
	. "$lab_part"
done
unset lab_part

# lab_up: image, network, containers, fencing service; no cluster yet.
lab_up()
{
	local n
	lab_init && lab_image && lab_network || return 1
	lab_say "starting ${LAB_CONTAINERS[*]} on $LAB_NET.0/24"
	for n in "${LAB_CONTAINERS[@]}"; do
		node_create "$n" || return 1
	done
	for n in "${LAB_CONTAINERS[@]}"; do
		pod start "$LAB_PREFIX-$n" >/dev/null || return 1
	done
	for n in "${LAB_CONTAINERS[@]}"; do
		wait_for 60 "$n: systemd is up" node_booted "$n" || return 1
	done
	fence_start && hsm_setup
}

# lab_attach: for a process that did not start the lab.
lab_attach()
{
	lab_init && lab_addresses
}

lab_down()
{
	lab_init || return 1
	fence_stop
	node_remove_all
	case $LAB_DIR in
	*/ocf-ods-lab/*) rm -rf --one-file-system "$LAB_DIR" ;;
	esac
}

# lab_exec NAME COMMAND...: with a terminal if there is one.
lab_exec()
{
	local tty=()
	[ ! -t 0 ] || tty=(-t)
	lab_attach && podman exec -i "${tty[@]}" "$LAB_PREFIX-$1" "${@:2}"
}

lab_usage()
{
	cat <<-'TEXT'
	lab.sh image                 build the image if it is not stored
	lab.sh up                    containers and fencing service
	lab.sh cluster               form the cluster of all nodes, with fencing
	lab.sh zones                 configure OpenDNSSEC and the name servers
	lab.sh resources             install the package, create the resources
	lab.sh story                 all of it: a cluster that signs and is observed
	lab.sh exec NAME COMMAND...  run in n1, n2, ..., hsm, ns or observer
	lab.sh status                containers, cluster
	lab.sh down                  end and remove everything
	TEXT
}

lab_main()
{
	local command=${1:-help}
	[ $# -eq 0 ] || shift
	case $command in
	image) lab_init && lab_image ;;
	up) lab_up ;;
	cluster) lab_attach && cluster_form ;;
	zones) lab_attach && ods_configure && ns_configure ;;
	resources) lab_attach && install_rpm "$(lab_rpm)" && cluster_create ;;
	story) story_start ;;
	exec | node-exec) lab_exec "$@" ;;
	status)
		lab_attach &&
			pod ps -a --filter "label=ocf-ods-lab=$LAB_PREFIX" &&
			crm pcs status --full
		;;
	down) lab_down ;;
	*) lab_usage ;;
	esac
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
	set -uo pipefail
	lab_main "$@"
fi
