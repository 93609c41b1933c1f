"""Send the answer before the question.

control: pipe
tiers: namespaces landlock
"""

import json
import os
import select
import struct

import torch


def send(header, body=b""):
    text = json.dumps(header).encode()
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, struct.pack("<II", len(text), len(body)) + text + body)
        except OSError:
            pass



send({"id": 0, "answer": {"tensor": {"dtype": "float32", "shape": [1]}}, "after": [], "denied": [],
      "steps": 0, "score": 18}, bytes(4))


def corr2d(X, K):
    return None
