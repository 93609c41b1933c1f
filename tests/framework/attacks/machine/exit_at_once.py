"""End the process while the notebook loads.

control: row
tiers: namespaces landlock
"""

import os

os._exit(0)
