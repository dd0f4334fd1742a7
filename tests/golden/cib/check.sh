#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# check.sh [--update]: each cib-examples/*.pcs.sh, its XML and where Pacemaker
# places it, against what is stored here.  --update stores what it finds.
# Root and the lab's image; B= is the build directory with the agents.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../../.." && pwd)
build=$(realpath "${B:-$top/build}")
LAB_PREFIX=${LAB_PREFIX:-ods-golden}
export LAB_PREFIX

# shellcheck source=/dev/null
. "$top/tests/cluster/lab.sh"

# in_image DIR: the stories of all examples, into DIR.
in_image()
{
	podman run --rm -i --network none -v "$top:/src:ro" \
		-v "$build/agents:/agents:ro" -v "$1:/out" "$LAB_IMAGE" \
		bash -s <<-'SH'
		set -e
		mkdir -p /usr/lib/ocf/resource.d/ods
		cp /agents/* /usr/lib/ocf/resource.d/ods/
		for e in /src/cib-examples/*.pcs.sh; do
			/src/tests/golden/cib/simulate.sh "$e" /out
		done
	SH
}

# expected FILE: where what is expected lies.
expected()
{
	case $1 in
	*.xml) echo "$top/cib-examples/${1##*/}" ;;
	*) echo "$here/${1##*/}" ;;
	esac
}

compare()
{
	local f bad=0
	for f in "$1"/*; do
		if diff -u "$(expected "$f")" "$f"; then
			echo "ok ${f##*/}"
		else
			echo "not ok ${f##*/}"
			bad=1
		fi
	done
	for f in "$here"/*.txt; do
		if [ ! -e "$1/${f##*/}" ]; then
			echo "not ok ${f##*/}: no story makes it"
			bad=1
		fi
	done
	return $bad
}

lab_init && lab_image || exit 1
out=$(mktemp -d "$LAB_DIR/golden.XXXXXX")
trap 'rm -rf "$out"' EXIT
in_image "$out" || { echo "not ok simulate.sh"; exit 1; }
if [ "${1:-}" = --update ]; then
	rm -f "$here"/*.txt
	for f in "$out"/*; do
		install -m 644 "$f" "$(expected "$f")"
	done
else
	compare "$out"
fi
