"""Looks at a machine's GPU, and whether workers can be confined and use it: ``make gpu-check``.

Which layer is in the way, if not? How fast and how alike is what is timed? It needs torch and the
standard library, takes five minutes at most, sets nothing on the device, and writes one JSON file,
whatever happens (``report``). ``facts`` are of the machine; ``layers`` are put on a child one by
one and all together, which then takes the ``steps`` that CUDA takes, or rehearses them; a
``listening`` parent hears which system calls the filter would refuse. What is measured where all
is well, ``timing`` has. All of it happens in ``children`` that may hang or die.
"""
