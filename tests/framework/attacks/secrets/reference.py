"""Read the reference implementation.

control: none
tiers: namespaces landlock
"""

def attack():
    text = open("@COURSE@/solutions/correlation/reference.py").read()
    print("BREACH", text[:80])


attack()
