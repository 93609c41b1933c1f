"""Ask the judge for the reference's answer, as a stand-in for a wrong helper would.

control: asked
tiers: namespaces landlock
"""

import sys


def corr2d(X, K):
    frame = sys._getframe()
    while frame is not None:
        for thing in frame.f_locals.values():
            if type(thing).__name__ == "_Server":
                inquiry = type(thing).ask.__globals__["Inquiry"]
                return thing.ask(inquiry("corr2d", (X, K), {}, None))
        frame = frame.f_back
