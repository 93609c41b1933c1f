"""A worker with nothing around it, where there is no Linux.

``python -I -m autograder.worker.bare FD BYTES RULES`` serves the channel FD, whose frames hold so
many bytes at most. The rules that may be in force are a JSON list.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress

import torch

from autograder import protocol
from autograder.protocol import read_rule
from autograder.worker import serving

if __name__ == "__main__":
    torch.set_num_threads(1)
    with suppress(protocol.Closed):  # the judge has what it wanted
        serving.run(int(sys.argv[1]), int(sys.argv[2]),
                    watched=tuple(map(read_rule, json.loads(sys.argv[3]))))
