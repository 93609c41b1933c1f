"""List directories of the machine.

control: none
tiers: namespaces landlock
"""

import os


def attack():
    for folder in ("/etc", "/tmp", "/home", "/var", "/proc"):
        try:
            names = os.listdir(folder)
        except OSError:
            continue
        if names and set(names) - {"ld.so.cache", "localtime"}:
            print("BREACH", folder, names[:5])


attack()
