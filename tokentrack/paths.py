"""Where the store, the settings and the resources lie on this machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def home() -> Path:
    """The person's home folder; `HOME` (`USERPROFILE` on Windows) decides, so that tests can move it."""
    return Path(os.path.expanduser("~"))


Place = tuple[int, int]
"""(device, inode): another one at the same path is another folder to watch, or another store to write."""


def place_of(path: Path) -> Place | None:
    """None: nothing is there, or it cannot be asked."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


TEMPORARY = ("/tmp", "/var/tmp", "/private/tmp", "/private/var/tmp", "/var/folders", "/private/var/folders", "/dev/shm")


def passing(folder: str) -> bool:
    """Whether a folder is the home folder, lies above it or is a temporary one: what is done there is of no one piece of work.

    Where the home folder itself lies in a temporary one, what lies below it is not temporary.
    """
    place, own = Path(folder), home()
    named = (os.environ.get(name, "") for name in ("TMPDIR", "TEMP", "TMP"))
    roots = [root for root in map(Path, (*TEMPORARY, *named)) if root.parent != root]
    inside = [root for root in roots if place.is_relative_to(root)]
    return own.is_relative_to(place) or any(
        not (own.is_relative_to(root) and place.is_relative_to(own)) for root in inside
    )


def store_path() -> Path:
    """`TOKENTRACK_STORE`, else `tokentrack.db` in the platform's data folder."""
    if named := os.environ.get("TOKENTRACK_STORE"):
        return Path(named).expanduser()
    from platformdirs import user_data_path  # costs 15 ms: only when the place is not given

    return user_data_path("tokentrack", appauthor=False) / "tokentrack.db"


def data_folder(home: Path, env: Mapping[str, str]) -> Path:
    """The platform's data folder of this app below a home folder: the store's usual place, wherever the store is now."""
    if sys.platform == "win32":
        return Path(env.get("LOCALAPPDATA") or home / "AppData" / "Local") / "tokentrack"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "tokentrack"
    return Path(env.get("XDG_DATA_HOME") or home / ".local" / "share") / "tokentrack"


def resource(name: str) -> Path:
    """A file or folder shipped with the app: in the installed package, else in the checkout's `resources/`."""
    package = Path(__file__).parent  # `importlib.resources` takes 15 ms to import, for packages in archives
    packaged = package / "resources" / name
    return packaged if packaged.exists() else package.resolve().parent / "resources" / name


def own_prices(store: Path) -> Path:
    """The person's own prices lie beside the store that they belong to."""
    return store.with_name("prices.toml")
