"""Call a forbidden operator in another thread.

control: naive
tiers: namespaces landlock
"""

import threading

import torch


def corr2d(X, K):
    answers = []

    def work():
        answers.append(torch.conv2d(X[None, None], K[None, None])[0, 0])

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return answers[0]
