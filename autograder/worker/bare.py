"""A worker with nothing around it, where there is no Linux.

``python -P -m autograder.worker.bare FD BYTES RULES FOLDER NAME…`` serves the channel FD, whose
frames hold so many bytes at most. The rules that may be in force are a JSON list. FOLDER, if there
is one, holds files to read and modules; the packages NAME are stood in for, those that always are
for "-".
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
        if sys.argv[4]:
            sys.path.append(sys.argv[4])
        serving.run(int(sys.argv[1]), int(sys.argv[2]),
                    watched=tuple(map(read_rule, json.loads(sys.argv[3]))),
                    stand_ins=None if sys.argv[5:] == ["-"] else tuple(sys.argv[5:]))
