"""A PDF made apart from the window. A long one takes seconds, and Qt gives no other thread a turn meanwhile: it has a process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from subprocess import PIPE, Popen, TimeoutExpired
from tempfile import TemporaryFile

import msgspec
from PySide6.QtCore import QEventLoop

from tokentrack.ui import pdf

SHORT = 8_000
"""Bytes of a page that is laid out in less time than another process takes to begin: a usual one, of some dozen rows."""
POLL_S = 0.05
FAILED = "The PDF could not be made. Choose another format, or try again."


class Order(msgspec.Struct):
    """What is to be made; `font` is one of `pdf.usual_font`."""

    html: bytes
    title: str
    created: date
    paper: str
    font: str


class Made(msgspec.Struct):
    """`unwritten` are letters that no font has, see there."""

    data: bytes
    unwritten: str


class Dropped(RuntimeError):
    """Nobody wants it any more."""


def make(order: Order, told: Callable[[int], object], go_on: Callable[[], bool]) -> Made:
    """On any thread. `told` hears which share is laid out, in percent. Raises Dropped as soon as it may not `go_on`, else
    RuntimeError.
    """
    if len(order.html) <= SHORT:
        loop = QEventLoop()  # a layout looks for one in its thread
        made = _draw(order)
        del loop
        return made
    with _begun(order) as process:
        while True:
            try:
                data, _ = process.communicate(timeout=POLL_S)
            except TimeoutExpired as so_far:
                if not go_on():
                    process.kill()
                    raise Dropped from None
                if shares := [word for word in (so_far.stderr or b"").split() if word.isdigit()]:
                    told(int(shares[-1]))
            else:
                break
    if process.returncode:
        raise RuntimeError(FAILED)
    return msgspec.msgpack.decode(data, type=Made)


def _begun(order: Order) -> Popen[bytes]:
    """The order lies in a file, not in a pipe: `communicate` sends nothing more once it was interrupted."""
    try:
        with TemporaryFile() as sent:
            sent.write(msgspec.msgpack.encode(order))
            sent.seek(0)
            return Popen((sys.executable, "-P", "-m", __name__), stdin=sent, stdout=PIPE, stderr=PIPE)
    except OSError as error:
        raise RuntimeError(FAILED) from error


def _draw(order: Order, told: Callable[[float], object] = lambda _: None) -> Made:
    data = pdf.render(order.html, order.title, order.created, order.paper, order.font, told)
    return Made(data, pdf.unwritten(order.html, order.font))


def _main() -> None:
    order = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Order)

    def told(share: float) -> None:
        print(round(100 * share), file=sys.stderr, flush=True)

    sys.stdout.buffer.write(msgspec.msgpack.encode(_draw(order, told)))


if __name__ == "__main__":
    _main()
