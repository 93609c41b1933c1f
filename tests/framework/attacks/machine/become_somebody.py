"""Take another user id, or capabilities.

control: none
tiers: namespaces landlock
"""

import ctypes
import os
import struct


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    header, held = struct.pack("Ii", 0x20080522, 0), ctypes.create_string_buffer(24)
    if libc.capget(header, held) == 0 and libc.capset(header, held) == 0:
        print("BREACH", held.raw)
    for user in (0, os.getuid()):  # even to become what one is, is a thing to forbid
        try:
            os.setresuid(user, user, user)
            print("BREACH", user)
        except OSError:
            pass


attack()
