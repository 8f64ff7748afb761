"""The inbox over a real store, in the evening of a day on which much was done."""

from __future__ import annotations

from functools import partial

import pytest
from ui.inbox.parts import Open
from ui.samples import PageOnce


@pytest.fixture(autouse=True)
def that_evening(evening: None) -> None:
    """Of the Saturday of the week in which the logs begin."""


@pytest.fixture
def app(page_once: PageOnce) -> Open:
    """Each call starts the app anew over the same store."""
    return partial(page_once, "inbox", 960, 640, lambda page: page.inbox is not None)
