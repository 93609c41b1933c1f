"""Answer with an object that runs code where it is unpickled.

control: pickle
tiers: namespaces landlock
"""

class Bomb:
    def __reduce__(self):
        return print, ("BREACH",)


def corr2d(X, K):
    return Bomb()
