"""Run a shell command.

control: none
tiers: namespaces landlock
"""

import os

if os.system("true") == 0:
    print("BREACH")
