"""Who somebody is by the word of others: providers that log people in (``providers``), platforms of
LTI 1.3 (``lti``), pipelines (``pipelines``).

Their tokens are checked (``tokens``) by keys that they publish (``issuers``), asked over TLS and
bounded (``fetching``). Whom of the course that means says ``whom``. What people may do then, the
table of people says, and no token.
"""
