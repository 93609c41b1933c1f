"""Read the machine's list of users.

control: none
tiers: namespaces landlock
"""

def attack():
    print("BREACH", open("/etc/passwd").read()[:80])


attack()
