"""`python -m tokentrack` runs the command line."""

from tokentrack.cli import run

if __name__ == "__main__":
    run()
