"""What people read: the terminal summary, the student's page, the class page, the table."""
