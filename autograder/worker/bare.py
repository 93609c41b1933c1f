"""A worker with nothing around it, where there is no Linux.

``python -I -m autograder.worker.bare FD BYTES`` serves the channel FD, whose frames hold so many
bytes at most.
"""

from __future__ import annotations

import sys
from contextlib import suppress

import torch

from autograder import protocol
from autograder.worker import serving

if __name__ == "__main__":
    torch.set_num_threads(1)
    with suppress(protocol.Closed):  # the judge has what it wanted
        serving.run(int(sys.argv[1]), int(sys.argv[2]))
