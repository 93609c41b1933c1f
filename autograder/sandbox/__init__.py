"""The confined worker: start one, load a submission into it, call its functions, stop it.

Two sides live here and never mix. On the trusted side, ``client`` starts a zygote (``launch``),
gives it a core (``cores``) and talks to workers; ``bare`` has workers for machines without Linux,
which nothing protects. On the other side, ``zygote``, ``confine`` (with ``linux``, ``landlock``,
``seccomp``, ``cgroup``) and ``worker`` (with ``loading``, ``standins`` and ``denial``) run in the
process that student code will share; they import nothing but the standard library, numpy, torch and
``wire``, which both sides speak.
"""
