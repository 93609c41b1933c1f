"""What grading costs, measured beside nbgrader, otter-grader and bare pytest, and shown."""
