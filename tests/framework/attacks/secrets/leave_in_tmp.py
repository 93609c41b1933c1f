"""Leave a message for the next student in a shared directory.

control: none
tiers: namespaces landlock
"""

import os


def attack():
    for folder in ("/tmp", "/dev/shm", "/var/tmp"):
        try:
            with open(folder + "/autograder-attack-@PORT@", "w") as file:
                file.write("corr2d")
            print("BREACH", folder)
            os.remove(folder + "/autograder-attack-@PORT@")
        except OSError:
            pass


attack()
