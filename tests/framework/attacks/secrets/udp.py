"""Send a datagram.

control: none
tiers: namespaces landlock
"""

import socket


def attack():
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    if sender.sendto(b"leak", ("127.0.0.1", int("@PORT@"))):
        print("BREACH")


attack()
