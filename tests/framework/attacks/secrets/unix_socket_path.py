"""Reach a service over a unix socket that lies in the file system.

control: none
tiers: namespaces landlock
"""

import socket


def attack():
    caller = socket.socket(socket.AF_UNIX)
    caller.connect("@COURSE@/service")
    print("BREACH")


attack()
