"""Send answers of its own on the channel.

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



def corr2d(X, K):
    for number in range(100):
        send({"id": number, "answer": None, "after": [], "denied": [], "steps": 0})
    send({"status": "passed", "score": 4})
    return None
