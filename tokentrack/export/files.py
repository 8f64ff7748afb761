"""A page as a file: whole, or not at all."""

from __future__ import annotations

from pathlib import Path


def write(data: bytes, place: Path) -> None:
    """Raises OSError; what stood at this place then still does."""
    part = place.with_name(f"{place.name}.part")
    try:
        part.write_bytes(data)
        part.replace(place)
    finally:
        part.unlink(missing_ok=True)
