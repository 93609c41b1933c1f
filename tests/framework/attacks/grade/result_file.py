"""Write the result file.

control: file
tiers: namespaces landlock
"""

import json

RESULT = json.dumps({"score": 18, "student": "result_file"})
for path in ("result.json", "@COURSE@/results/result_file.json", "@COURSE@/out/correlation/result_file.json"):
    try:
        with open(path, "w") as file:
            file.write(RESULT)
    except OSError:
        pass


def corr2d(X, K):
    return None
