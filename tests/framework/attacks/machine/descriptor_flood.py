"""Open pipes without end, each of which has memory in the kernel.

control: naive
tiers: namespaces landlock
"""

import os


def attack():
    pipes = []
    try:
        while len(pipes) < 200:
            pipes.append(os.pipe())
        print("BREACH")
    finally:
        for ends in pipes:
            os.close(ends[0])
            os.close(ends[1])


attack()
