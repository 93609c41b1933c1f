"""The untrusted side: what runs in the process that student code will share.

``zygote`` forks workers, ``confine`` (with ``linux``, ``landlock``, ``seccomp``, ``cgroup``) holds
them, and ``bare`` is one that nothing holds. ``serving`` answers the judge by the table in
``handlers`` (with ``loading``, ``stub_modules``, ``denial`` and ``timed``).
Nothing here imports anything of ours but ``protocol``.
"""
