"""Drop files from the cache and read them again, as if memory were short, so that it is graded
again for ever.

control: none
tiers: namespaces landlock
"""

import glob
import mmap
import os

import torch

LIBRARIES = sorted(glob.glob(os.path.join(os.path.dirname(torch.__file__), "lib", "*.so")))


def drop():
    for path in LIBRARIES:
        with open(path, "rb") as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    print("BREACH")


def corr2d(X, K):
    if X[0, 0] != 0:  # one check is enough
        return X
    for path in LIBRARIES:
        with open(path, "rb") as file:
            pages = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
            pages.madvise(mmap.MADV_RANDOM)
            for offset in range(0, min(len(pages), 1 << 26), 1 << 16):
                pages[offset]
    while True:
        pass


drop()
