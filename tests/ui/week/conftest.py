"""The week's review over a real store, in the evening on which it is looked back on."""

from __future__ import annotations

from functools import partial

import pytest
from ui.samples import PageOnce
from ui.week.parts import Open


@pytest.fixture(autouse=True)
def that_evening(evening: None) -> None:
    """Of the Saturday of the week in which the logs begin."""


@pytest.fixture
def app(page_once: PageOnce) -> Open:
    """Each call starts the app anew over the same store."""
    return partial(page_once, "week", 1000, 680, lambda page: page.step is not None)
