"""Lift its own limits.

control: naive
tiers: namespaces landlock
"""

import resource


def attack():
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print("BREACH")


attack()
