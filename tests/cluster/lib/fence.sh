# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) The ocf-ods contributors
#
# Fencing: podman's API on a unix socket, behind stunnel that asks for a client
# certificate, on the lab network only; the stock agent fence_docker uses it.

LAB_FENCE_PORT=2376

fence_certs()
{
	local d=$LAB_DIR/tls who
	[ ! -s "$d/client.pem" ] || return 0
	mkdir -p "$d"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-days 30 -subj "/CN=$LAB_PREFIX lab CA" \
		-keyout "$d/ca.key" -out "$d/ca.pem" 2>/dev/null || return 1
	for who in server client; do
		openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
			-subj "/CN=$who" -keyout "$d/$who.key" \
			-out "$d/$who.csr" 2>/dev/null &&
		openssl x509 -req -in "$d/$who.csr" -CA "$d/ca.pem" \
			-CAkey "$d/ca.key" -CAcreateserial -days 30 \
			-extfile <(printf 'subjectAltName=IP:%s\n' "$LAB_GW") \
			-out "$d/$who.pem" 2>/dev/null || return 1
	done
}

# fence_pid_alive FILE: the process of that pid file is ours and lives.
fence_pid_alive()
{
	local pid
	read -r pid 2>/dev/null <"$1" || return 1
	tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF "$LAB_DIR/"
}

fence_stop()
{
	local f pid
	for f in "$LAB_DIR/podman.pid" "$LAB_DIR/stunnel.pid"; do
		if fence_pid_alive "$f"; then
			read -r pid <"$f"
			kill "$pid"
			wait_for 5 "process $pid ends" not_alive "$f" ||
				kill -KILL "$pid"
		fi
		rm -f "$f"
	done
}

not_alive() { ! fence_pid_alive "$1"; }

# fence_start: after the first container, since the bridge exists only then.
fence_start()
{
	fence_certs || { lab_die "no certificates for fencing"; return 1; }
	fence_stop
	cat >"$LAB_DIR/stunnel.conf" <<-CONF
	foreground = yes
	pid =
	syslog = no
	[podman]
	accept = $LAB_GW:$LAB_FENCE_PORT
	connect = $LAB_DIR/podman.sock
	cert = $LAB_DIR/tls/server.pem
	key = $LAB_DIR/tls/server.key
	CAfile = $LAB_DIR/tls/ca.pem
	verifyChain = yes
	CONF
	lab_detach podman podman system service -t 0 "unix://$LAB_DIR/podman.sock"
	lab_detach stunnel stunnel4 "$LAB_DIR/stunnel.conf"
	wait_for 10 "fencing service" fence_answers
}

# lab_detach NAME COMMAND...: in a session of its own, pid and log kept.
lab_detach()
{
	local name=$1
	shift
	setsid "$@" </dev/null >"$LAB_DIR/$name.log" 2>&1 3>&- 4>&- &
	echo $! >"$LAB_DIR/$name.pid"
	disown
}

fence_answers()
{
	openssl s_client -connect "$LAB_GW:$LAB_FENCE_PORT" -brief \
		-cert "$LAB_DIR/tls/client.pem" -key "$LAB_DIR/tls/client.key" \
		-CAfile "$LAB_DIR/tls/ca.pem" -verify_return_error </dev/null
}

# fence_client NAME: the certificates on that node.
fence_client()
{
	local f
	for f in ca.pem client.pem client.key; do
		node_write "$1" "/etc/ods-lab/$f" 600 <"$LAB_DIR/tls/$f" || return 1
	done
}

# fence_map NODE...: which container is which node.
fence_map()
{
	local n
	for n; do
		printf '%s:%s;' "$(cluster_name "$n")" "$LAB_PREFIX-$n"
	done
}

# fence_resource NODE...: the stonith resource, made on a node of the cluster.
fence_resource()
{
	node_exec n1 pcs stonith create fence fence_docker \
		ip="$LAB_GW" ipport=$LAB_FENCE_PORT ssl=1 ssl_secure=1 \
		tlscert=/etc/ods-lab/client.pem tlskey=/etc/ods-lab/client.key \
		tlscacert=/etc/ods-lab/ca.pem method=onoff \
		pcmk_host_map="$(fence_map "$@")" \
		op monitor interval=60s
}
