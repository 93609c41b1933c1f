"""Leave a module for the next student among the installed packages.

control: none
tiers: namespaces landlock
"""

import os

import numpy
import torch


def attack():
    for package in (torch, numpy, os):
        path = os.path.join(os.path.dirname(package.__file__), "attack_@PORT@.py")
        try:
            with open(path, "w") as file:
                file.write("corr2d")
        except OSError:
            continue
        os.remove(path)
        print("BREACH", path)


attack()
