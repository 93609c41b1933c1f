"""Read and change the database of grades.

control: none
tiers: namespaces landlock
"""

import sqlite3


def attack():
    connection = sqlite3.connect("@COURSE@/results/probe.db")
    connection.execute("create table if not exists grades (student text, score real)")
    connection.execute("insert into grades values ('me', 18)")
    connection.commit()
    print("BREACH", connection.execute("select * from grades").fetchall())


attack()
