"""Points: from verdicts to what counts. Pure functions, without input or output."""
