"""tokentrack: what AI coding agents cost one person, what came of it, and how sure they are."""

__version__ = "0.1.0"
