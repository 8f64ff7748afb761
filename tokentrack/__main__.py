"""`python -m tokentrack` runs the command line."""

from tokentrack.cli import main

if __name__ == "__main__":
    main()
