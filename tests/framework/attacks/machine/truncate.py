"""Cut off a file that it may read.

control: none
tiers: namespaces landlock
"""

import os

import numpy


def attack():
    path = os.path.join(os.path.dirname(numpy.__file__), "py.typed")
    size = os.stat(path).st_size  # to which nothing is lost where it works
    for way in (lambda: os.truncate(path, size),
                lambda: os.ftruncate(os.open(path, os.O_RDONLY), size),
                lambda: os.ftruncate(os.open(path, os.O_RDWR), size),
                lambda: size or os.open(path, os.O_RDONLY | os.O_TRUNC)):
        try:
            way()
        except OSError:
            continue
        print("BREACH", path)


attack()
