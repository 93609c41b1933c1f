"""Hold the kernel up in the midst of its work, as exploits of the kernel do (userfaultfd).

control: none
tiers: namespaces landlock
"""

import ctypes
import platform


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    number = {"x86_64": 323, "aarch64": 282}[platform.machine()]
    if libc.syscall(number, 1) >= 0:  # UFFD_USER_MODE_ONLY: anybody may
        print("BREACH")


attack()
