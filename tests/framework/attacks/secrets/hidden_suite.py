"""Read a hidden test.

control: none
tiers: namespaces landlock
"""

def attack():
    text = open("@COURSE@/tests/hidden/correlation/test_corr2d.py").read()
    print("BREACH", text[:80])


attack()
