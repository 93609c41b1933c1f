"""Read the file that holds the course's secret.

control: none
tiers: namespaces landlock
"""

def attack():
    print("BREACH", open("@COURSE@/secret").read())


attack()
