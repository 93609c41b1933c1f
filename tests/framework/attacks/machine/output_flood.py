"""Print without end.

control: row
tiers: namespaces landlock
"""

while True:
    print("x" * 100_000)
