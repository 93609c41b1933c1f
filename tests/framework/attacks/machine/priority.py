"""Take the processor from everybody else.

control: none
tiers: namespaces landlock
"""

import ctypes
import os


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    priority = ctypes.c_int(1)
    if libc.sched_setscheduler(0, 1, ctypes.byref(priority)) == 0:
        print("BREACH")
        libc.sched_setscheduler(0, 0, ctypes.byref(ctypes.c_int(0)))


attack()
