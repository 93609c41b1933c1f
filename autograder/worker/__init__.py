"""The untrusted side: what runs in the process that student code will share.

``zygote`` forks workers, ``confine`` (with ``linux``, ``landlock``, ``seccomp``, ``cgroup``) holds
them, ``serving`` answers the judge (with ``loading``, ``stub_modules``, ``denial`` and ``timed``).
Nothing here imports anything of ours but ``protocol``.
"""
