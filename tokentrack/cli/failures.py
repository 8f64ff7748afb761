"""One sentence for each failure that can reach the person."""

from __future__ import annotations

import os
import sqlite3

from tokentrack import paths
from tokentrack.store import NO_MORE_FILES, StoreError, out_of_files, sentence


def explained(error: Exception) -> str:
    if os.environ.get("TOKENTRACK_TRACEBACK"):
        raise error
    if isinstance(error, StoreError):
        return refused(error)
    if out_of_files(error):
        return NO_MORE_FILES
    if isinstance(error, sqlite3.Error):
        return sentence(paths.store_path(), error)
    if isinstance(error, UnicodeEncodeError):
        return "What was typed is no UTF-8 text; nothing was changed."
    if isinstance(error, BrokenPipeError):
        return ""
    if isinstance(error, OSError):
        return f"{error.filename or 'A file'}: {error.strerror or error}."
    return f"Something went wrong inside tokentrack ({type(error).__name__}: {error}); nothing was lost."


def refused(error: StoreError) -> str:
    """With the command that leads out, where there is one."""
    from tokentrack.store.reviews import plain  # it may name a title or a file

    return plain(f"{str(error)[:-1]} ({error.command})." if error.command else str(error))
