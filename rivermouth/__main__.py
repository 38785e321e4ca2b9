"""`python -m rivermouth` is the `rivermouth` command."""

from rivermouth.cli import main

if __name__ == "__main__":
    main()
