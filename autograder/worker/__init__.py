"""The untrusted side: what runs in the process that student code will share.

``zygote`` forks workers, ``confine`` (with ``linux``, ``landlock``, ``seccomp``, ``cgroup``) holds
them, and ``bare`` is one that nothing holds. ``serving`` answers the judge by the table in
``handlers`` (with ``loading``, ``denial`` and ``timed``); what notebooks import and a grade never
needs is in ``stub_modules`` (with ``inert`` and ``textbook``). Of a worker that has a GPU,
``device`` says what it sees, ``ioctls`` what it may ask, ``cuda`` how it begins, ``device_watch``
(with ``nvml``) what it holds; ``rehearsal`` does without the GPU what CUDA does with it.
Nothing here imports anything of ours but ``protocol``.
"""
