"""Watch which files the grader opens.

control: none
tiers: namespaces landlock
"""

import ctypes


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    watch = libc.inotify_init1(0)
    if watch >= 0 and libc.inotify_add_watch(watch, b"@COURSE@/tests/hidden/correlation", 0x20) > 0:
        print("BREACH")


attack()
