"""Run another program.

control: none
tiers: namespaces landlock
"""

import os
import subprocess


def attack():
    print("BREACH", subprocess.run(["/bin/echo", "hello"], capture_output=True).stdout)


attack()
