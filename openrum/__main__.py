"""`python -m openrum` is `openrum`."""

from openrum.cli import main

if __name__ == "__main__":
    main()
