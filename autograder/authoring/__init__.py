"""What staff make: assignments, built from masters; suites, audited; catalogues of messages."""
