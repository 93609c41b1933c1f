"""Become another program.

control: none
tiers: namespaces landlock
"""

import os

print("BREACH", flush=True)
try:
    os.execv("/bin/true", ["true"])
except OSError:
    print("HELD: still here")
