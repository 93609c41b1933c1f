"""Notices: whoever waits for something gets a link to it, by mail or wherever apprise leads.

A notice says that something is there, and never what: a score belongs on a page that asks who
looks. It is sent beside the door, by a thread of its own, so that a mail server that hangs holds
nobody up.
"""
