"""Many submissions: what is to be graded, by whom (``executors``), and what is kept of it."""
