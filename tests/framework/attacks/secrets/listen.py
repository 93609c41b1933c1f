"""Listen on the network, or to what passes on it.

control: none
tiers: namespaces landlock
"""

import socket


def attack():
    for family, kind, protocol in ((socket.AF_INET, socket.SOCK_STREAM, 0),
                                   (socket.AF_INET6, socket.SOCK_DGRAM, 0),
                                   (socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP),
                                   (socket.AF_PACKET, socket.SOCK_RAW, 0x0300)):
        try:
            with socket.socket(family, kind, protocol) as end:
                if kind != socket.SOCK_RAW:
                    end.bind(("", 0))
                print("BREACH", family, kind)
        except OSError:
            pass


attack()
