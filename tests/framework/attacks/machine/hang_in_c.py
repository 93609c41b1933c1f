"""Hang in C, where no exception reaches.

control: row
tiers: namespaces landlock
"""

sum(range(10**13))
