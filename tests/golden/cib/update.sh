#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# update.sh: makes the XML of each cib-examples/*.pcs.sh and its placements
# anew; read the difference before you commit it.  Root, and the lab's image;
# B= is the build directory with the agents.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../../.." && pwd)
build=$(realpath "${B:-$top/build}")
export LAB_PREFIX=${LAB_PREFIX:-ods}-golden

# shellcheck source=/dev/null
. "$top/tests/cluster/lab.sh"

lab_init
lab_image
out=$(mktemp -d "$LAB_DIR/golden.XXXXXX")
trap 'rm -rf "$out"' EXIT
podman run --rm -i --network none -v "$top:/src:ro" \
	-v "$build/agents:/agents:ro" -v "$out:/out" "$LAB_IMAGE" bash -s <<-'SH'
	set -e
	mkdir -p /usr/lib/ocf/resource.d/ods
	cp /agents/* /usr/lib/ocf/resource.d/ods/
	for e in /src/cib-examples/*.pcs.sh; do
		/src/tests/golden/cib/simulate.sh "$e" /out
	done
SH
rm -f "$here"/*.txt
install -m 644 "$out"/*.txt "$here"
install -m 644 "$out"/*.xml "$top/cib-examples"
