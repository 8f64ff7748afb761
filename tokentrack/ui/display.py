"""Whether there is a screen. Asked before Qt is imported: without one, `QApplication()` aborts the process."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping


def has_display(env: Mapping[str, str] | None = None, platform: str = sys.platform) -> bool:
    env = os.environ if env is None else env
    if not platform.startswith(("linux", "freebsd")):
        return True
    return bool(env.get("DISPLAY") or env.get("WAYLAND_DISPLAY") or env.get("QT_QPA_PLATFORM"))
