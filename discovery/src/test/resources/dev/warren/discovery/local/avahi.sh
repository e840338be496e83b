#!/bin/sh
# Avahi with a message bus of its own, in the namespaces of the caller: `avahi.sh COMMAND...` runs the
# command beside the daemon, and ends both with it.
set -eu
mount -t tmpfs run /run
mkdir -p /run/dbus /run/avahi-daemon
cat >/run/bus.conf <<'X'
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=/run/dbus/system_bus_socket</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/>
    <allow send_type="method_call"/><allow send_type="method_return"/>
    <allow send_type="signal"/><allow send_type="error"/>
    <allow receive_type="method_call"/><allow receive_type="method_return"/>
    <allow receive_type="signal"/><allow receive_type="error"/>
  </policy>
</busconfig>
X
cat >/run/avahi.conf <<'X'
[server]
use-ipv4=yes
use-ipv6=yes
allow-interfaces=eth0
X
dbus-daemon --config-file=/run/bus.conf --nofork --nopidfile 2>/dev/null &
bus=$!
daemon=
stop() {
  [ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
  kill "$bus" 2>/dev/null || true
}
trap stop EXIT
trap 'exit 143' TERM INT
i=0
while [ ! -S /run/dbus/system_bus_socket ] && [ $i -lt 100 ]; do sleep 0.1; i=$((i + 1)); done
avahi-daemon -f /run/avahi.conf --no-drop-root --no-chroot --no-rlimits 2>/run/avahi.log &
daemon=$!
i=0
while ! grep -q 'Server startup complete' /run/avahi.log && [ $i -lt 100 ]; do sleep 0.1; i=$((i + 1)); done
echo "avahi is up"
"$@" &
wait $!
