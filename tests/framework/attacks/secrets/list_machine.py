"""List directories of the machine.

control: none
tiers: namespaces landlock
"""

import os
import sys

# The way to the interpreter is there; nothing beside it is.
KNOWN = {"ld.so.cache", "localtime", *sys.prefix.split("/"), *sys.base_prefix.split("/")}


def attack():
    for folder in ("/etc", "/tmp", "/home", "/var", "/proc"):
        try:
            names = os.listdir(folder)
        except OSError:
            continue
        if set(names) - KNOWN:
            print("BREACH", folder, names[:5])


attack()
