"""``python -P -m autograder``, the same as ``autograder``."""

from autograder import safe_path

if __name__ == "__main__":
    safe_path.require("autograder, or python -P -m autograder")
    from autograder.cli import main

    main()
