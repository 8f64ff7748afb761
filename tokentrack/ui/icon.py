"""The tray icon: a number over a ring, painted by one pure function. Shape tells the state first, colour second."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QIcon,
    QImage,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
    QPolygonF,
)

from tokentrack.ui.states import IconLook

SIZES = (16, 22, 24, 32, 48, 64)
BLUE, VERMILLION, GREY = "#0072B2", "#D55E00", "#808080"
"""Each clears 3:1 on both panels, #F0F0F0 and #202020."""
TEXT_LIGHT_PANEL, TEXT_DARK_PANEL = "#16191D", "#FFFFFF"
COLOURS = {"within": BLUE, "near": BLUE, "over": VERMILLION, "error": VERMILLION}
STRETCHES = (100, 87, 75)
LEAST, REFERENCE = 5, 64
TRACK_ALPHA = 90
"""The unfilled part of a bare ring: a hint of the whole, no mark of its own."""


class Brush:
    """A painter with the measures of one icon, all in real pixels."""

    def __init__(self, painter: QPainter, side: int, look: IconLook, dark: bool) -> None:
        self.p = painter
        self.side = float(side)
        self.look = look
        self.ring = max(2.0, round(side * 2 / 22))
        self.thin = self.ring / 2
        self.colour = QColor(COLOURS.get(look.state, GREY))
        self.text = QColor(TEXT_DARK_PANEL if dark else TEXT_LIGHT_PANEL)

    def circle(self, width: float) -> QRectF:
        inset = width / 2
        return QRectF(inset, inset, self.side - width, self.side - width)

    def arc(self, share: float, width: float, colour: QColor, start: float = 0.0) -> None:
        """A part of the ring, clockwise from the top; `start` and `share` are parts of a turn."""
        pen = QPen(colour, width)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        self.p.setPen(pen)
        self.p.setBrush(Qt.BrushStyle.NoBrush)
        self.p.drawArc(self.circle(width), round((0.25 - start) * 5760), round(-share * 5760))

    def clear(self, path: QPainterPath) -> None:
        """Cuts a shape out of what is painted, so that shapes stay apart also in black and white."""
        self.p.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
        self.p.fillPath(path, Qt.GlobalColor.black)
        self.p.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)

    def block(self, x: float, y: float, w: float, h: float) -> None:
        self.p.fillRect(QRectF(x, y, w, h), self.colour)


def paint(look: IconLook, size: int, dark: bool, dpr: float = 1.0) -> QImage:
    """The icon at `size` logical pixels. `dark` is the panel's ground: it decides the colour of the text only."""
    side = round(size * dpr)
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    SHAPES[look.state](Brush(painter, side, look, dark))
    painter.end()
    image.setDevicePixelRatio(dpr)
    return image


def icon(look: IconLook, dark: bool = True) -> QIcon:
    """Every size a panel may ask for, at one and two pixels a point."""
    made = QIcon()
    painted = {side: QPixmap.fromImage(paint(look, side, dark)) for side in {s * dpr for s in SIZES for dpr in (1, 2)}}
    for size in SIZES:
        for dpr in (1, 2):
            pixmap = QPixmap(painted[size * dpr])
            pixmap.setDevicePixelRatio(dpr)
            made.addPixmap(pixmap)
    return made


# shapes, one a state --------------------------------------------------------------------------------------------------


def _idle(b: Brush) -> None:
    b.arc(1, b.thin, b.colour)


def _within(b: Brush) -> None:
    """Beside a number the rest of the ring is a line: hardly filled, it must still not look like no ring in black and white."""
    track = QColor(GREY)
    if b.look.text:
        b.arc(1, b.thin, track)
    else:
        track.setAlpha(TRACK_ALPHA)
        b.arc(1, b.ring, track)
    b.arc(min(1.0, b.look.share or 0.0), b.ring, b.colour)
    _number(b)


def _near(b: Brush) -> None:
    """The notch: a tick at the top that stands in from the ring, with clear gaps beside it."""
    _within(b)
    middle, tick, gap = b.side / 2, b.ring, b.ring * 0.75
    deep = b.ring * 2
    around = QPainterPath()
    around.addRect(QRectF(middle - tick / 2 - gap, 0, tick + 2 * gap, deep + gap / 2))
    b.clear(around)
    b.block(round(middle - tick / 2), 0, tick, deep)


def _over(b: Brush) -> None:
    """Full ring and a bar across, low enough to leave the number whole."""
    b.arc(1, b.ring, b.colour)
    _number(b, lift=b.side * 0.1)
    high, gap = b.ring + 1, b.ring / 2
    top = round(b.side * 0.76)
    around = QPainterPath()
    around.addRect(QRectF(0, top - gap, b.side, high + 2 * gap))
    b.clear(around)
    b.block(0, top, b.side, high)


def _no_plan(b: Brush) -> None:
    if b.look.text:
        _number(b, bare=True)
        return
    b.p.setPen(Qt.PenStyle.NoPen)
    b.p.setBrush(b.colour)
    radius = b.side * 0.27
    b.p.drawEllipse(QPointF(b.side / 2, b.side / 2), radius, radius)


def _reading(b: Brush) -> None:
    b.arc(1, b.ring, b.colour)
    dot, step = max(2, round(b.side / 7.5)), max(3, round(b.side / 4.6))
    left = (b.side - (2 * step + dot)) / 2
    for n in range(3):
        b.block(round(left) + n * step, round((b.side - dot) / 2), dot, dot)


def _stale(b: Brush) -> None:
    for n in range(8):
        b.arc(1 / 16, b.ring, b.colour, n / 8 - 1 / 32)
    _number(b)


def _error(b: Brush) -> None:
    side, inset = b.side, b.ring / 2
    b.p.setPen(QPen(b.colour, b.ring, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    b.p.setBrush(b.colour)
    corners = [QPointF(side / 2, inset + 0.5), QPointF(side - inset, side - inset), QPointF(inset, side - inset)]
    b.p.drawPolygon(QPolygonF(corners))
    stroke = max(2, round(side / 9))
    left, mark = round((side - stroke) / 2), QPainterPath()
    mark.addRect(QRectF(left, round(side * 0.32), stroke, round(side * 0.34)))
    mark.addRect(QRectF(left, round(side * 0.76), stroke, stroke))
    b.clear(mark)


def _paused(b: Brush) -> None:
    wide, high = max(3, round(b.side * 0.22)), round(b.side * 0.76)
    gap = max(3, round(b.side * 0.2))
    left, top = round((b.side - 2 * wide - gap) / 2), round((b.side - high) / 2)
    for x in (left, left + wide + gap):
        b.block(x, top, wide, high)


SHAPES: dict[str, Callable[[Brush], None]] = {
    "idle": _idle,
    "within": _within,
    "near": _near,
    "over": _over,
    "no_plan": _no_plan,
    "reading": _reading,
    "stale": _stale,
    "error": _error,
    "paused": _paused,
}


# the number -----------------------------------------------------------------------------------------------------------


def _number(b: Brush, lift: float = 0.0, bare: bool = False) -> None:
    """The text in the largest bold face that fits. Where it needs the ring's sides too, both give way: what was left of one
    would read as a bracket.
    """
    text = b.look.text
    if not text:
        return
    room, tall = _room(b, bare)
    font, box = _fitting(text, room, tall)
    x = round((b.side - box.width()) / 2 - box.x())
    y = round((b.side - box.height()) / 2 - box.y() - lift)
    if not bare and box.width() > b.side - 2 * b.ring - 2:
        gap, strip = max(1.0, b.ring / 2), QPainterPath()
        strip.addRect(QRectF(0, y + box.y() - gap, b.side, box.height() + 2 * gap))
        b.clear(strip)
    b.p.setPen(b.text)
    b.p.setFont(font)
    b.p.drawText(QPointF(x, y), text)


def _room(b: Brush, bare: bool) -> tuple[float, float]:
    """Width and height that the number may take. At 16 px two figures need the ring's sides too."""
    inner = b.side - 2 * b.ring
    if bare:
        return b.side, b.side * 0.76
    if len(b.look.text) > 2:
        return b.side, inner * 0.58
    return (b.side - 3, inner * 0.6) if b.side < 20 else (inner * 0.8, inner * 0.56)


def _fitting(text: str, wide: float, tall: float) -> tuple[QFont, QRectF]:
    """The largest bold font whose ink fits; a narrower face where the plain one would come out smaller."""
    pixels, stretch = max((_room_for(text, wide, tall, stretch), stretch) for stretch in STRETCHES)
    while True:
        font = _font(pixels, stretch)
        box = QFontMetricsF(font).tightBoundingRect(text)
        if pixels <= LEAST or (box.width() <= wide and box.height() <= tall):
            return font, box
        pixels -= 1


def _room_for(text: str, wide: float, tall: float, stretch: int) -> int:
    """About the largest size: hinting may still push the ink over, so one pixel is added and taken back if need be."""
    width, height = _ink(text, stretch)
    return max(LEAST, int(REFERENCE * min(wide / width, tall / height)) + 1)


@lru_cache(maxsize=64)
def _ink(text: str, stretch: int) -> tuple[float, float]:
    """Width and height at a large size. Measured once a text: trying all sizes costs ten times as much."""
    box = QFontMetricsF(_font(REFERENCE, stretch)).tightBoundingRect(text)
    return max(1.0, box.width()), max(1.0, box.height())


def _font(pixels: int, stretch: int) -> QFont:
    font = QFont()
    font.setWeight(QFont.Weight.Bold)
    font.setStretch(stretch)
    font.setHintingPreference(QFont.HintingPreference.PreferFullHinting)
    font.setPixelSize(pixels)
    return font
