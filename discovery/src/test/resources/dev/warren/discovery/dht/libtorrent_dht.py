"""Participants of a DHT by libtorrent, on loopback.

Arguments: COUNT, the first PORT, and BOOTSTRAP if they are not a DHT of their own. Prints "ready" once they
have joined. Each line of the input is a command for the last of them, answered by one line:

  put SEED KEY TEXT    in hex; libtorrent takes the next sequence number    -> put SEQ NODES
  get KEY                                                                   -> got SEQ TEXT, got none
"""
import hashlib
import sys
import time

import libtorrent as lt


def session(port, bootstrap):
    return lt.session({
        'listen_interfaces': '127.0.0.1:%d' % port,
        'enable_dht': True, 'enable_lsd': False, 'enable_upnp': False, 'enable_natpmp': False,
        'dht_bootstrap_nodes': bootstrap,
        # All nodes have one address here, so ids cannot be told from addresses (BEP 42).
        'dht_restrict_routing_ips': False, 'dht_restrict_search_ips': False,
        'dht_prefer_verified_node_ids': False,
        'alert_mask': lt.alert.category_t.all_categories})


def wait(ses, name, seconds, match=lambda alert: True):
    end = time.time() + seconds
    while time.time() < end:
        ses.wait_for_alert(100)
        for alert in ses.pop_alerts():
            if type(alert).__name__ == name and match(alert):
                return alert
    return None


def expanded(seed):
    key = bytearray(hashlib.sha512(seed).digest())
    key[0] &= 248
    key[31] = key[31] & 127 | 64
    return bytes(key)


def main():
    count, port = int(sys.argv[1]), int(sys.argv[2])
    first = sys.argv[3] if len(sys.argv) > 3 else '127.0.0.1:%d' % port
    sessions = []
    for i in range(count):
        here = '127.0.0.1:%d' % (port + i)
        sessions.append(session(port + i, '' if here == first else first))
        if here != first:
            wait(sessions[-1], 'dht_bootstrap_alert', 10)
    ses = sessions[-1]
    print('ready', flush=True)
    for line in sys.stdin:
        words = line.split()
        if words[0] == 'put':
            seed, key, text = (bytes.fromhex(word) for word in words[1:])
            ses.dht_put_mutable_item(expanded(seed), key, text, b'')
            alert = wait(ses, 'dht_put_alert', 20)
            print('put', alert.seq if alert else '-', alert.num_success if alert else 0, flush=True)
        else:
            ses.dht_get_mutable_item(bytes.fromhex(words[1]), b'')
            alert = wait(ses, 'dht_mutable_item_alert', 20, lambda a: a.authoritative)
            item = alert.item if alert else None
            if item and item['value']:
                print('got', item['seq'], item['value'].hex(), flush=True)
            else:
                print('got none', flush=True)


main()
