"""Fill the disk.

control: naive
tiers: namespaces landlock
"""

def attack():
    with open("flood", "wb") as file:
        for _ in range(100):
            file.write(bytes(1 << 20))
            file.flush()
    print("BREACH")


attack()
