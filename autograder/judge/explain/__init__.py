"""What is behind a wrong answer: a misconception that answers alike, or how pixels are wired."""
