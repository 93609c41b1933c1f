"""Lift its own limits.

control: none
tiers: namespaces landlock
"""

import resource


def attack():
    soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))
    print("BREACH")


attack()
