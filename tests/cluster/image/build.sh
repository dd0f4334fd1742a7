#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# build.sh DIR: a Debian root file system for the lab in DIR.
#
# The mirror, proxy and trust settings are those of this host's own apt, so
# that it works wherever the host's apt works.  Progress goes to stdout.
set -euo pipefail

dir=$1
suite=${LAB_SUITE:-bookworm}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

say() { printf '  image: %s\n' "$*"; }

# mirrors: "URI RELEASE COMPONENT" of this host's Debian sources for $suite.
mirrors()
{
	apt-get indextargets \
		--format "\$(REPO_URI) \$(RELEASE) \$(COMPONENT) \$(ORIGIN)" \
		'Created-By: Packages' |
	awk -v s="$suite" '$4 == "Debian" && ($2 == s || $2 == s "-updates" ||
		$2 == s "-security") { print $1, $2, $3 }' | sort -u
}

main_mirror() { mirrors | awk -v s="$suite" '$2 == s { print $1; exit }'; }

write_apt_config()
{
	mirrors | awk '{ print "deb", $1, $2, $3 }' >"$dir/lab-sources"
	if [ -s "$dir/lab-sources" ]; then
		cp "$dir/lab-sources" "$dir/etc/apt/sources.list"
	fi
	rm -f "$dir/lab-sources"
	apt-config dump |
		grep -E '^(Acquire::(http|https|ftp|Check|Retries|ForceIPv)|DPkg::Lock)' \
		>"$dir/etc/apt/apt.conf.d/00lab-host" || true
	cat >"$dir/etc/apt/apt.conf.d/01lab" <<'CONF'
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::Retries "3";
CONF
	printf 'path-exclude=/usr/share/%s/*\n' doc man locale info \
		>"$dir/etc/dpkg/dpkg.cfg.d/lab"
	if [ -s /etc/ssl/certs/ca-certificates.crt ]; then
		mkdir -p "$dir/etc/ssl/certs"
		cp -L /etc/ssl/certs/ca-certificates.crt "$dir/etc/ssl/certs/"
	fi
	cp -L /etc/resolv.conf "$dir/etc/resolv.conf"
	printf '#!/bin/sh\nexit 101\n' >"$dir/usr/sbin/policy-rc.d"
	chmod 755 "$dir/usr/sbin/policy-rc.d"
}

clean()
{
	chroot "$dir" apt-get clean
	rm -rf "$dir"/var/lib/apt/lists/* "$dir/etc/apt/apt.conf.d/00lab-host" \
		"$dir/usr/sbin/policy-rc.d" "$dir/etc/resolv.conf"
	: >"$dir/etc/machine-id"
}

in_chroot() { chroot "$dir" env DEBIAN_FRONTEND=noninteractive LC_ALL=C "$@"; }

mirror=$(main_mirror)
say "debootstrap $suite"
# shellcheck disable=SC2086 # no mirror known: debootstrap's own default
debootstrap --variant=minbase "$suite" "$dir" ${mirror:+"$mirror"} \
	>"$dir.log" 2>&1 || { tail -20 "$dir.log"; exit 1; }
write_apt_config
mapfile -t packages < <(grep -v '^#' "$here/packages")
say "installing ${#packages[@]} packages"
{
	in_chroot apt-get update
	in_chroot apt-get install -y "${packages[@]}"
} >>"$dir.log" 2>&1 || { tail -20 "$dir.log"; exit 1; }
for unit in corosync pacemaker pcsd nsd named opendnssec-signer \
	opendnssec-enforcer apt-daily.timer apt-daily-upgrade.timer; do
	in_chroot systemctl disable "$unit" >>"$dir.log" 2>&1 || true
done
clean
say "$(du -sm "$dir" | cut -f1) MB"
