"""Run another program.

control: none
tiers: namespaces landlock
"""

import os
import subprocess

print("BREACH", subprocess.run(["/bin/echo", "hello"], capture_output=True).stdout)
