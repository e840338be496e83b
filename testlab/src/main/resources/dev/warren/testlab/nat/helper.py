"""Delays, loses and reorders packets that nftables hands to queues of network namespaces.

Reads one JSON object a line: {"ns": path, "queue": n, "delay": ms, "jitter": ms, "loss": 0..1, "burst": packets,
"reorder": bool}. A line for a queue that is known changes it; {"flush": path} empties connection tracking. Answers each line with "ok" or "error ...". Ends with its
standard input. Only packet numbers come here; the packets wait in the kernel, before connection tracking.
"""
import ctypes
import errno
import heapq
import json
import os
import random
import select
import socket
import struct
import sys
import time

NETLINK_NETFILTER = 12
CONFIG = 3 << 8 | 2
PACKET = 3 << 8 | 0
VERDICT = 3 << 8 | 1
DROP, ACCEPT = 0, 1
libc = ctypes.CDLL(None, use_errno=True)


def attribute(kind, payload):
    length = 4 + len(payload)
    return struct.pack("=HH", length, kind) + payload + b"\0" * (-length % 4)


def message(kind, queue, payload, flags=1):
    body = struct.pack("=BBH", 0, 0, socket.htons(queue)) + payload
    return struct.pack("=IHHII", 16 + len(body), kind, flags, 0, 0) + body


class Queue:
    def __init__(self, namespace, number):
        self.number = number
        self.last = 0.0
        self.bad = False
        self.socket = within(namespace, netlink)
        self.socket.setsockopt(socket.SOL_SOCKET, 33, 8 << 20)  # SO_RCVBUFFORCE
        self.socket.setsockopt(270, 5, 1)  # SOL_NETLINK, NETLINK_NO_ENOBUFS
        self.socket.bind((0, 0))
        self.configure(attribute(1, struct.pack("=BBH", 1, 0, 0)))  # bind to the queue
        self.configure(attribute(2, struct.pack("=IB", 0, 1)))  # numbers only
        self.configure(attribute(3, struct.pack("!I", 65535)))
        self.configure(attribute(4, struct.pack("!I", 4)) + attribute(5, struct.pack("!I", 4)))  # GSO
        self.socket.setblocking(False)

    def configure(self, payload):
        self.socket.send(message(CONFIG, self.number, payload, 5))
        answer = self.socket.recv(4096)
        code = struct.unpack_from("=i", answer, 16)[0]
        if code:
            raise OSError(-code, os.strerror(-code) + " (queue %d)" % self.number)

    def settings(self, wanted):
        self.delay = wanted.get("delay", 0) / 1000
        self.jitter = wanted.get("jitter", 0) / 1000
        self.loss = wanted.get("loss", 0)
        self.burst = max(1, wanted.get("burst", 1))
        self.reorder = wanted.get("reorder", False)

    def lost(self):
        if self.loss <= 0:
            return False
        if self.loss >= 1:
            return True
        if self.bad:
            self.bad = random.random() >= 1 / self.burst
        else:
            self.bad = random.random() < self.loss / (self.burst * (1 - self.loss))
        return self.bad

    def due(self, now):
        at = now + self.delay
        if self.jitter:
            at += random.uniform(-self.jitter, self.jitter)
        if not self.reorder:
            at = max(at, self.last)
            self.last = at
        return at

    def verdict(self, packet, verdict):
        try:
            self.socket.send(message(VERDICT, self.number, attribute(2, struct.pack("!II", verdict, packet))))
        except OSError as failure:
            if failure.errno not in (errno.ENOENT, errno.EAGAIN):
                raise

    def packets(self):
        for _ in range(256):
            try:
                data = self.socket.recv(65536)
            except BlockingIOError:
                return
            at = 0
            while at + 16 <= len(data):
                length, kind = struct.unpack_from("=IH", data, at)
                if length < 16:
                    break
                if kind == PACKET:
                    item = at + 20
                    while item + 4 <= at + length:
                        size, name = struct.unpack_from("=HH", data, item)
                        if size < 4:
                            break
                        if name == 1:
                            yield struct.unpack_from("!I", data, item + 4)[0]
                        item += size + (-size % 4)
                at += length + (-length % 4)


def enter(descriptor):
    if libc.setns(descriptor, 0x40000000):
        raise OSError(ctypes.get_errno(), "setns")


def within(namespace, action):
    here = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open(namespace, os.O_RDONLY)
    try:
        enter(there)
        return action()
    finally:
        enter(here)
        os.close(here)
        os.close(there)


def netlink():
    return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)


def flush(namespace):
    with within(namespace, netlink) as connection:
        connection.bind((0, 0))
        connection.send(struct.pack("=IHHIIBBH", 20, 1 << 8 | 2, 5, 0, 0, 0, 0, 0))
        code = struct.unpack_from("=i", connection.recv(4096), 16)[0]
        if code:
            raise OSError(-code, os.strerror(-code))


def main():
    libc.prctl(29, 1, 0, 0, 0)  # timer slack 1 ns
    queues = {}
    by_socket = {}
    waiting = []
    order = 0
    poll = select.epoll()
    poll.register(0, select.EPOLLIN)
    pending = b""
    while True:
        timeout = max(0.0, waiting[0][0] - time.monotonic()) if waiting else -1
        for descriptor, _ in poll.poll(timeout):
            if descriptor == 0:
                read = os.read(0, 65536)
                if not read:
                    return
                pending += read
                *lines, pending = pending.split(b"\n")
                for line in lines:
                    try:
                        wanted = json.loads(line)
                        if "flush" in wanted:
                            flush(wanted["flush"])
                            print("ok", flush=True)
                            continue
                        name = (wanted["ns"], wanted["queue"])
                        if name not in queues:
                            queues[name] = Queue(*name)
                            by_socket[queues[name].socket.fileno()] = queues[name]
                            poll.register(queues[name].socket.fileno(), select.EPOLLIN)
                        queues[name].settings(wanted)
                        print("ok", flush=True)
                    except (OSError, KeyError, ValueError) as failure:
                        print("error", failure, flush=True)
                continue
            queue = by_socket[descriptor]
            now = time.monotonic()
            for packet in queue.packets():
                if queue.lost():
                    queue.verdict(packet, DROP)
                    continue
                order += 1
                heapq.heappush(waiting, (queue.due(now), order, queue.socket.fileno(), packet))
        now = time.monotonic()
        while waiting and waiting[0][0] <= now:
            _, _, descriptor, packet = heapq.heappop(waiting)
            by_socket[descriptor].verdict(packet, ACCEPT)


main()
