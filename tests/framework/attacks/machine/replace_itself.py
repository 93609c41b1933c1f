"""Become another program.

control: none
tiers: namespaces landlock
"""

import os

os.execv("/bin/echo", ["echo", "BREACH"])
