"""Make threads that cannot be stopped, or go on whenever it is stopped, so that it is never timed.

control: none
tiers: namespaces landlock
"""

import ctypes
import os
import signal


def attack():
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        os.kill(os.getpid(), signal.SIGCONT)
        print("BREACH SIGCONT")
    except OSError:
        pass
    stack = ctypes.create_string_buffer(1 << 16)
    top = ctypes.c_void_p(ctypes.addressof(stack) + (1 << 16) - 64)
    # As a thread has it, without its storage, and with CLONE_VFORK: this one waits for its end.
    if libc.clone(ctypes.cast(libc.getpid, ctypes.c_void_p), top, 0x54F00, None) > 0:
        print("BREACH vfork")


attack()
