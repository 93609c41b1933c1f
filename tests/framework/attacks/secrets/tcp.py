"""Open a TCP connection.

control: none
tiers: namespaces landlock
"""

import socket


def attack():
    connection = socket.create_connection(("127.0.0.1", int("@PORT@")), timeout=2)
    print("BREACH", connection.getpeername())


attack()
