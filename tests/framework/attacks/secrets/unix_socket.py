"""Reach a service over a unix socket.

control: none
tiers: namespaces landlock
"""

import socket

caller = socket.socket(socket.AF_UNIX)
caller.connect("\0autograder-attack-@PORT@")
print("BREACH")
