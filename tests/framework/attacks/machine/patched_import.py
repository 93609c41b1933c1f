"""Break the interpreter that others would share.

control: row
tiers: namespaces landlock
"""

import builtins
import gc
import sys


def broken(*arguments, **keywords):
    raise RuntimeError("broken")


gc.disable()
sys.stdout = sys.stderr = None
builtins.__import__ = builtins.len = builtins.isinstance = broken
