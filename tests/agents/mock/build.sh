#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# build.sh DIR: compile the fake PKCS#11 modules into DIR/NAME.so, one for
# each misbehaviour.
set -eu
src=$(dirname "$0")/pkcs11.c
cflags=$(pkg-config --cflags p11-kit-1)
build() {
	# shellcheck disable=SC2086 # several words on purpose
	${CC:-cc} -shared -fPIC -O1 -Wall $cflags ${2:+-DMOCK_$2} \
		-o "$1/$3.so" "$src"
}
mkdir -p "$1"
build "$1" '' good
build "$1" HANG_INITIALIZE hang-initialize
build "$1" HANG_LOGIN hang-login
build "$1" HANG_FINALIZE hang-finalize
build "$1" CRASH crash
build "$1" CHATTER chatter
build "$1" SLOTS_ERROR slots-error
build "$1" SESSION_ERROR session-error
build "$1" SLOW slow
build "$1" LOCKED locked
build "$1" NO_LIST no-list
build "$1" NOT_LOGGED_IN not-logged-in
printf 'not a library\n' >"$1/garbage.so"
