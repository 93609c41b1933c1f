"""What a run tells programs: lines of a log that carry its id, and figures for those who watch a
machine."""
