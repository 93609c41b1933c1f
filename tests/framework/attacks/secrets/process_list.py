"""See other processes.

control: none
tiers: namespaces landlock
"""

import os

others = [pid for pid in os.listdir("/proc") if pid.isdigit() and int(pid) != os.getpid()]
if others:
    print("BREACH", len(others), "processes")
