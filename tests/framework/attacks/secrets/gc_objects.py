"""Search all objects of the process for the expected answers.

control: naive
tiers: namespaces landlock
"""

import gc


def corr2d(X, K):
    for thing in gc.get_objects():
        if isinstance(thing, dict) and "expected_answers" in thing:
            print("BREACH")
            return thing["expected_answers"]
