# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# The host's side of the lab: packages, state directory, podman, network,
# and waits that have a deadline.

LAB_PREFIX=${LAB_PREFIX:-ods}
LAB_TAG_REPO=localhost/ocf-ods-lab
LAB_HOST_PACKAGES=(podman runc conmon netavark aardvark-dns nftables iptables uidmap
	debootstrap stunnel4 openssl bats)

lab_now() { date +%s.%3N; }

# lab_say TEXT: progress with the seconds since the lab library was loaded.
LAB_T0=${LAB_T0:-$(date +%s)}
lab_say() { printf '[%4ds] %s\n' $(($(date +%s) - LAB_T0)) "$*" >&2; }

lab_die()
{
	printf 'lab: %s\n' "$*" >&2
	return 1
}

# wait_for SECONDS WHAT COMMAND...: true as soon as COMMAND is, polled five
# times a second; after SECONDS false, with a line that says what is missing.
wait_for()
{
	local limit=$1 what=$2 end
	shift 2
	end=$((${EPOCHREALTIME/./} + limit * 1000000))
	until "$@" >/dev/null 2>&1; do
		if [ "${EPOCHREALTIME/./}" -ge "$end" ]; then
			lab_die "not within $limit s: $what"
			return 1
		fi
		sleep 0.2
	done
}

# lab_state_dir: where this lab keeps its keys, sockets and pid files.
lab_state_dir()
{
	local base=${TMPDIR:-/var/tmp}/ocf-ods-lab
	if [ -z "${LAB_DIR:-}" ]; then
		mkdir -p "${base%/*}"
		mkdir -m 700 "$base" 2>/dev/null
		if [ -L "$base" ] || [ ! -O "$base" ]; then
			lab_die "$base is not a directory of ours: set LAB_DIR"
			return 1
		fi
		LAB_DIR=$base/$LAB_PREFIX
	fi
	(umask 077; mkdir -p "$LAB_DIR")
	export LAB_DIR
}

# lab_host_packages PACKAGE...: installs what is missing, quietly.
lab_host_packages()
{
	local p missing=()
	for p; do
		dpkg-query -W -f '${Status}' "$p" 2>/dev/null |
			grep -q 'ok installed' || missing+=("$p")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	if ! command -v apt-get >/dev/null; then
		lab_die "install first: ${missing[*]}"
		return 1
	fi
	lab_say "installing on this host: ${missing[*]}"
	{
		apt-get -o DPkg::Lock::Timeout=300 update &&
		DEBIAN_FRONTEND=noninteractive apt-get \
			-o DPkg::Lock::Timeout=300 install -y \
			--no-install-recommends "${missing[@]}"
	} >"$LAB_DIR/apt.log" 2>&1 </dev/null || {
		tail -20 "$LAB_DIR/apt.log" >&2
		return 1
	}
}

# lab_containers_conf: runc knows hybrid cgroups, crun does not; no ulimits of
# podman's own, since they need CAP_SYS_RESOURCE.
lab_containers_conf()
{
	local manager=cgroupfs
	[ ! -d /run/systemd/system ] || manager=systemd
	cat >"$LAB_DIR/containers.conf" <<-CONF
	[containers]
	default_ulimits = []
	[engine]
	runtime = "runc"
	cgroup_manager = "$manager"
	events_logger = "file"
	CONF
	export CONTAINERS_CONF=$LAB_DIR/containers.conf
}

pod() { podman "$@" </dev/null; }

lab_init()
{
	[ "$(id -u)" = 0 ] || { lab_die "must run as root"; return 1; }
	lab_state_dir && lab_host_packages "${LAB_HOST_PACKAGES[@]}" &&
		lab_containers_conf
}

lab_image_tag()
{
	(
		cd "$LAB_LIB/../image" &&
		printf '%s\n' "${LAB_SUITE:-bookworm}" "$(uname -m)" |
			cat - packages build.sh | sha256sum | cut -c1-16
	)
}

# lab_image: builds the image unless one with these inputs is stored.
lab_image()
{
	local tag root
	tag=$(lab_image_tag)
	LAB_IMAGE=$LAB_TAG_REPO:$tag
	pod image exists "$LAB_IMAGE" && return 0
	lab_say "building the image $tag (about three minutes, once)"
	root=$(mktemp -d "$LAB_DIR/image.XXXXXX")
	if "$LAB_LIB/../image/build.sh" "$root/root" >&2 </dev/null; then
		tar -C "$root/root" --xattrs -c . |
			podman import --quiet - "$LAB_IMAGE" >/dev/null
	else
		rm -rf --one-file-system "$root"
		lab_die "the image could not be built"
		return 1
	fi
	rm -rf --one-file-system "$root"
	lab_say "image stored as $LAB_IMAGE"
}

# lab_network: podman picks a free subnet; LAB_NET becomes its first octets.
lab_network()
{
	pod network exists "$LAB_PREFIX-net" ||
		pod network create --disable-dns "$LAB_PREFIX-net" >/dev/null ||
		return 1
	lab_addresses
}

# lab_addresses: the addresses of this lab, from its network.
lab_addresses()
{
	LAB_GW=$(pod network inspect "$LAB_PREFIX-net" |
		sed -n 's/.*"gateway": "\([0-9.]*\)".*/\1/p' | head -1)
	LAB_NET=${LAB_GW%.*}
	[ -n "$LAB_NET" ] || { lab_die "network $LAB_PREFIX-net: no gateway"; return 1; }
	LAB_VIP=$LAB_NET.100
}

# lab_ip NAME: the address of a container by its role.
lab_ip()
{
	case $1 in
	n[1-9]) echo "$LAB_NET.1${1#n}" ;;
	hsm) echo "$LAB_NET.20" ;;
	ns) echo "$LAB_NET.30" ;;
	observer) echo "$LAB_NET.40" ;;
	vip) echo "$LAB_VIP" ;;
	*) lab_die "no address for $1" ;;
	esac
}
