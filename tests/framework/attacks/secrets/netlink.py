"""Ask the kernel for the network's interfaces.

control: none
tiers: namespaces landlock
"""

import socket


def attack():
    if socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0):
        print("BREACH")


attack()
