"""Find the reference among the loaded modules.

control: naive
tiers: namespaces landlock
"""

import sys


def corr2d(X, K):
    for name, module in list(sys.modules.items()):
        if "reference" in name or "hidden" in name or name.startswith("autograder.judge"):
            print("BREACH", name)
