"""Sleep for ever.

control: row
tiers: namespaces landlock
"""

import time

time.sleep(1e6)
