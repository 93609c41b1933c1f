"""Open a TCP connection.

control: none
tiers: namespaces landlock
"""

import socket

connection = socket.create_connection(("127.0.0.1", @PORT@), timeout=2)
print("BREACH", connection.getpeername())
