"""Start threads until nothing is left.

control: naive
tiers: namespaces
"""

import threading


def attack():
    threading.stack_size(65536)
    stop = threading.Event()
    count = 0
    try:
        while count < 1000:
            threading.Thread(target=stop.wait, daemon=True).start()
            count += 1
    except RuntimeError:
        pass
    if count >= 1000:
        print("BREACH", count)
    stop.set()


attack()
