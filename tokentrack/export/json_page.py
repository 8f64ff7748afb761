"""The page as JSON: to keep, and to verify later."""

from __future__ import annotations

import msgspec

from tokentrack.export.page import Page
from tokentrack.export.payload import payload


def render(page: Page) -> bytes:
    return msgspec.json.format(msgspec.json.encode(payload(page)), indent=2) + b"\n"
