"""Fill more memory than a submission may have.

control: naive
tiers: namespaces landlock
"""

import torch


def attack():
    block = torch.ones(1 << 30, dtype=torch.uint8)
    print("BREACH", int(block[-1]))


attack()
