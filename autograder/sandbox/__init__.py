"""The trusted side of a worker: start one, give it a core, talk to it, see how it ended.

``client`` starts a zygote (``launch``), gives it a core (``cores``) and talks to workers, as long
as its ``patience`` lasts; ``bare`` has workers for machines without Linux, which nothing protects.
``fault`` says whether a worker was lost by the student's fault or by ours. What is said to a
worker, and what is believed of it, stands in ``protocol``.
"""
