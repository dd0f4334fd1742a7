# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# Containers: each is a machine with systemd as PID 1, made from one image and
# the files of rootfs/common and rootfs/ROLE.

mapfile -t LAB_CONTAINERS < <(lab_nodes; printf '%s\n' hsm ns observer)

lab_role() { case $1 in n[1-9]) echo node ;; *) echo "$1" ;; esac; }

# node_exec NAME COMMAND...: runs in the container, no stdin.
node_exec()
{
	local n=$1
	shift
	pod exec "$LAB_PREFIX-$n" "$@"
}

# node_sh NAME [ARG...]: runs the script on stdin there.
node_sh()
{
	local n=$1
	shift
	podman exec -i "$LAB_PREFIX-$n" bash -s -- "$@"
}

# node_write NAME PATH [MODE]: stdin becomes that file.
node_write()
{
	# shellcheck disable=SC2016 # expanded inside
	podman exec -i "$LAB_PREFIX-$1" sh -c \
		'mkdir -p "${1%/*}" && cat >"$1.new" && chmod "$2" "$1.new" &&
		mv "$1.new" "$1"' sh "$2" "${3:-644}"
}

node_running()
{
	[ "$(pod inspect -f '{{.State.Running}}' "$LAB_PREFIX-$1" 2>/dev/null)" = true ]
}

node_booted()
{
	node_exec "$1" systemctl is-system-running | grep -qE 'running|degraded'
}

node_add_hosts()
{
	local n
	for n in "${LAB_CONTAINERS[@]}" vip; do
		printf -- '--add-host=%s:%s\n' "$n" "$(lab_ip "$n")"
	done
}

# node_create NAME [IP]: made and filled, not started; a cluster node with the
# options LAB_NODE_OPTIONS for podman.
node_create()
{
	local n=$1 dir role hosts options=()
	role=$(lab_role "$n")
	[ "$role" != node ] || read -ra options <<<"${LAB_NODE_OPTIONS:-}"
	mapfile -t hosts < <(node_add_hosts)
	pod create --name "$LAB_PREFIX-$n" --hostname "$n" \
		--label "ocf-ods-lab=$LAB_PREFIX" \
		--network "$LAB_PREFIX-net" --ip "${2:-$(lab_ip "$n")}" \
		--systemd=always --stop-timeout 20 --shm-size=256m \
		--cap-add SYS_NICE,NET_ADMIN,NET_RAW,SYS_PTRACE,IPC_LOCK \
		--ulimit nofile=10000:10000 --ulimit nproc=30000:30000 \
		"${hosts[@]}" "${options[@]}" "$LAB_IMAGE" \
		/lib/systemd/systemd >/dev/null || return 1
	for dir in common "$role"; do
		[ -d "$LAB_LIB/../rootfs/$dir" ] || continue
		node_fill "$n" "$LAB_LIB/../rootfs/$dir" || return 1
	done
}

# node_fill NAME DIR: its files, as root's.  Not by a pipe: podman keeps what it
# reads from one in a temporary file for ever.
node_fill()
{
	local stage=$LAB_DIR/fill.$1
	rm -rf "$stage"
	cp -r --no-preserve=ownership "$2" "$stage" &&
		pod cp "$stage/." "$LAB_PREFIX-$1:/" &&
		rm -rf "$stage"
}

node_start()
{
	pod start "$LAB_PREFIX-$1" >/dev/null &&
		wait_for 60 "$1: systemd is up" node_booted "$1"
}

# node_kill NAME: the machine is gone at once, no process of it ends in order.
node_kill() { pod kill --signal KILL "$LAB_PREFIX-$1" >/dev/null; }

# node_remove_all: every container of this lab, and the network.
node_remove_all()
{
	local ids
	mapfile -t ids < <(pod ps -aq --filter "label=ocf-ods-lab=$LAB_PREFIX")
	[ ${#ids[@]} -eq 0 ] || pod rm -f -t 0 "${ids[@]}" >/dev/null
	! pod network exists "$LAB_PREFIX-net" ||
		pod network rm -f "$LAB_PREFIX-net" >/dev/null
}

# install_rpm FILE [NODE...]: our package on these nodes (all), as an admin
# would.
install_rpm()
{
	local n file=$1 nodes=("${@:2}")
	[ -r "$file" ] || { lab_die "no package: $file"; return 1; }
	[ $# -gt 1 ] || mapfile -t nodes < <(lab_nodes)
	for n in "${nodes[@]}"; do
		pod cp "$file" "$LAB_PREFIX-$n:/root/ocf-ods.rpm" || return 1
		node_exec "$n" rpm -i --nodeps --force /root/ocf-ods.rpm \
			>"$LAB_DIR/rpm.log" 2>&1 || {
			cat "$LAB_DIR/rpm.log" >&2
			return 1
		}
	done
}

# lab_rpm: the package that `make rpm` left in the build directory.
lab_rpm()
{
	local f
	for f in "${B:-$LAB_LIB/../../../build}"/rpm/ocf-ods-[0-9]*.rpm; do
		case $f in *.src.rpm | *-debug*) continue ;; esac
		[ -r "$f" ] && { echo "$f"; return 0; }
	done
	return 1
}
