"""Read the machine's list of users.

control: none
tiers: namespaces landlock
"""

print("BREACH", open("/etc/passwd").read()[:80])
