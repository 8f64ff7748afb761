"""The strip of problems and the notice said once."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from ui.samples import Memory, glance

from tokentrack.review.glance import Health
from tokentrack.ui.feed import Feed
from tokentrack.ui.source import Status
from tokentrack.ui.strip import Notice, Problems, sentences


def shown(strip: QWidget) -> list[str]:
    return [label.text() for label in strip.findChildren(QLabel) if not label.isHidden()]


def test_the_reader_comes_first_and_nothing_twice() -> None:
    source = Memory(glance(health=Health(None, (), ("one.", "two."))), Status(error="two."))
    feed = Feed(source.glance, source.status)
    assert sentences(feed) == ()
    feed.refresh()
    assert sentences(feed) == ("two.", "one.")


def test_it_is_there_only_while_something_is_wrong(qtbot: QtBot) -> None:
    around = QWidget()
    strip = Problems()
    QVBoxLayout(around).addWidget(strip)
    qtbot.addWidget(around)
    around.show()
    assert not strip.isVisible()
    strip.put(("Codex: cannot read its logs. <b>Look</b> at the folder's rights.",))
    assert strip.isVisible()
    assert "Codex" in strip.accessibleDescription()
    label = strip.findChild(QLabel)
    assert label is not None
    assert label.textFormat() == Qt.TextFormat.PlainText
    strip.put(())
    assert not strip.isVisible()
    assert shown(strip) == []


def test_at_most_three_sentences_stand_there(qtbot: QtBot) -> None:
    strip = Problems()
    qtbot.addWidget(strip)
    strip.put(tuple(f"{n}." for n in range(4)))
    assert shown(strip) == ["0.", "1.", "2.", "1 more problem. “tokentrack doctor” lists all."]


def test_a_notice_ends_by_its_button(qtbot: QtBot) -> None:
    notice = Notice("Said once.")
    qtbot.addWidget(notice)
    notice.show()
    qtbot.mouseClick(notice.button, Qt.MouseButton.LeftButton)
    assert not notice.isVisible()
