"""Read the file that holds the course's secret.

control: none
tiers: namespaces landlock
"""

print("BREACH", open("@COURSE@/secret").read())
