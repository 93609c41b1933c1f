"""Reach a service over a unix socket.

control: none
tiers: namespaces landlock
"""

import socket


def attack():
    caller = socket.socket(socket.AF_UNIX)
    caller.connect("\0autograder-attack-@PORT@")
    print("BREACH")


attack()
