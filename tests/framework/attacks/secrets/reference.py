"""Read the reference implementation.

control: none
tiers: namespaces landlock
"""

text = open("@COURSE@/solutions/correlation/reference.py").read()
print("BREACH", text[:80])
