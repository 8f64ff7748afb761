"""Colours, fonts and the one stylesheet, all from the roles of the design. Light, dark, or as the system says.

Qt's own switch (`setColorScheme`) has no effect on many Linux desktops, so it is asked first and then a palette of our
own is set. Widgets find their roles through `roles_of(self.palette())` whenever they paint: there is no global.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QFontInfo, QFontMetrics, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QSizePolicy, QWidget

MODES = ("auto", "light", "dark")
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute
"""Of words: a title in Hebrew stays in line with what stands around it."""
FIGURE, TITLE, EMPHASIS, BODY, CAPTION = 28, 20, 15, 13, 11
PLAIN, STRONG = QFont.Weight.Normal, QFont.Weight.DemiBold


@dataclass(frozen=True, slots=True)
class Roles:
    """What a colour is for, not what it looks like. `faint`: words of what does nothing now; `accent_near`: under the pointer."""

    window: str
    rail: str
    card: str
    line: str
    text: str
    secondary: str
    faint: str
    accent: str
    accent_near: str
    accent_soft: str
    on_accent: str
    attention: str
    attention_soft: str
    flat: str
    series: tuple[str, ...]


LIGHT = Roles(
    window="#ffffff",
    rail="#f4f6f8",
    card="#ffffff",
    line="#dfe4ea",
    text="#1b2026",
    secondary="#5a6673",
    faint="#848d97",
    accent="#0b66ad",
    accent_near="#09578f",
    accent_soft="#e7f0f8",
    on_accent="#ffffff",
    attention="#b8460e",
    attention_soft="#fcf1ea",
    flat="#c9d2db",
    series=("#0b66ad", "#3d8f8a", "#7a5aa6", "#8a929b", "#b8460e"),
)
DARK = Roles(
    window="#16191d",
    rail="#1b1f24",
    card="#1e2328",
    line="#333a42",
    text="#e7eaee",
    secondary="#9ba6b2",
    faint="#6a747e",
    accent="#6bb3ee",
    accent_near="#8cc5f3",
    accent_soft="#1d3042",
    on_accent="#16191d",
    attention="#f08a52",
    attention_soft="#33251c",
    flat="#3b444d",
    series=("#4d9fe0", "#56b3ab", "#a98ad6", "#77818c", "#f08a52"),
)


def is_dark(palette: QPalette) -> bool:
    return (
        palette.color(QPalette.ColorRole.Window).lightness() < palette.color(QPalette.ColorRole.WindowText).lightness()
    )


OURS = {QColor(roles.accent).rgb(): roles for roles in (LIGHT, DARK)}


def roles_of(palette: QPalette) -> Roles:
    """Those whose palette it is; of any other one its own colours, as in high contrast.

    Asked of roles that no stylesheet sets: in a table `Highlight` is the ground of a chosen row.
    """
    role = QPalette.ColorRole
    if ours := OURS.get(palette.color(role.Accent).rgb()):
        return ours
    window, text, accent, on_accent = (
        palette.color(which).name() for which in (role.Window, role.WindowText, role.Accent, role.BrightText)
    )
    return _of_system(window, text, accent, on_accent)


@lru_cache(maxsize=4)
def _of_system(window: str, text: str, accent: str, on_accent: str) -> Roles:
    """Every line and word in the colour of the text; only what is chosen stands on some of the accent."""

    def between(colour: str, share: float) -> str:
        ground, over = QColor(window), QColor(colour)
        parts = ((ground.red(), over.red()), (ground.green(), over.green()), (ground.blue(), over.blue()))
        return QColor(*(round(one + (other - one) * share) for one, other in parts)).name()

    return Roles(
        window=window,
        rail=window,
        card=window,
        line=text,
        text=text,
        secondary=text,
        faint=between(text, 0.5),
        accent=accent,
        accent_near=accent,
        accent_soft=between(accent, 0.25),
        on_accent=on_accent,
        attention=text,
        attention_soft=window,
        flat=between(text, 0.5),
        series=(accent, text, text, text, text),
    )


def palette_of(roles: Roles) -> QPalette:
    """A whole palette, so that Qt's own widgets fit too."""
    role = QPalette.ColorRole
    palette = QPalette(QColor(roles.card), QColor(roles.window))
    for which, colour in {
        role.Window: roles.window,
        role.WindowText: roles.text,
        role.Base: roles.card,
        role.AlternateBase: roles.rail,
        role.Text: roles.text,
        role.PlaceholderText: roles.secondary,
        role.Button: roles.card,
        role.ButtonText: roles.text,
        role.BrightText: roles.on_accent,
        role.Highlight: roles.accent,
        role.HighlightedText: roles.on_accent,
        role.ToolTipBase: roles.card,
        role.ToolTipText: roles.text,
        role.Link: roles.accent,
        role.LinkVisited: roles.accent,
        role.Accent: roles.accent,
        role.Mid: roles.line,
        role.Midlight: roles.line,
        role.Light: roles.card,
        role.Dark: roles.flat,
    }.items():
        palette.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(roles.secondary))
    return palette


# fonts ---------------------------------------------------------------------------------------------------------------


def font(size: int = BODY, weight: QFont.Weight = PLAIN) -> QFont:
    """The system's interface face with figures of equal width. Sizes grow with the system's own size."""
    made = QFont(QApplication.font())
    made.setPixelSize(scaled(size))
    made.setWeight(weight)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


def scaled(pixels: int) -> int:
    """A length of the design where the system's letters are larger: what holds so many of them grows with them."""
    return round(pixels * _scale())


def high() -> int:
    """Of a button or a field: 32 pixels, more where the system's letters are larger."""
    return max(32, QFontMetrics(font()).height() + 14)


def _scale() -> float:
    base = QApplication.instance()
    stored = base.property("systemPixels") if base else None
    return max(1.0, float(stored) / BODY) if stored else 1.0


def _remember_system_size(app: QApplication) -> None:
    if app.property("systemPixels") is None:
        app.setProperty("systemPixels", QFontInfo(app.font()).pixelSize())


def label(
    text: str = "", size: int = BODY, weight: QFont.Weight = PLAIN, role: str = "", parent: QWidget | None = None
) -> QLabel:
    """A line of text in one of the design's sizes. `role` is `secondary`, `attention` or nothing."""
    made = QLabel(text, parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setAlignment(LEFT)
    made.setFont(font(size, weight))
    made.setProperty("role", role)
    made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    return made


def set_role(widget: QWidget, role: str) -> None:
    """Changes what a widget's colour is for; a stylesheet sees a new property only when it is polished again."""
    if widget.property("role") != role:
        widget.setProperty("role", role)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


# the stylesheet ------------------------------------------------------------------------------------------------------

SHEET = """
QLabel[role="secondary"] { color: %(secondary)s; }
QLabel[role="attention"] { color: %(attention)s; }
QToolTip { color: %(text)s; background: %(card)s; border: 1px solid %(line)s; padding: 6px 8px; }

QPushButton { color: %(text)s; background: %(card)s; border: 1px solid %(line)s; border-radius: 6px;
    padding: 0 12px; min-height: %(in_line)dpx; outline: none; }
QPushButton:hover { background: %(rail)s; }
QPushButton:pressed { background: %(accent_soft)s; }
QPushButton:focus { border: 2px solid %(accent)s; padding: 0 11px; min-height: %(in_ring)dpx; }
QPushButton:disabled { color: %(faint)s; }
QPushButton[role="primary"] { color: %(on_accent)s; background: %(accent)s; border-color: %(accent)s; }
QPushButton[role="primary"]:hover { background: %(accent_near)s; border-color: %(accent_near)s; }
QPushButton[role="primary"]:pressed { background: %(accent)s; }
QPushButton[role="primary"]:focus { border-color: %(text)s; }
QPushButton[role="primary"]:disabled { color: %(faint)s; background: %(rail)s; border-color: %(line)s; }
QPushButton[role="link"] { color: %(secondary)s; background: transparent; border: none; border-radius: 0; padding: 0;
    border-top: 2px solid transparent; border-bottom: 2px solid transparent; min-height: 22px; }
QPushButton[role="link"]:hover { color: %(accent)s; }
QPushButton[role="link"]:focus { color: %(text)s; background: %(accent_soft)s; border-bottom-color: %(accent)s; }
QPushButton[role="link"]:disabled { color: %(faint)s; }
QPushButton[role="gear"] { background: transparent; border-color: transparent; padding: 0; min-width: 30px; }
QPushButton[role="gear"]:focus { border-color: %(accent)s; padding: 0; min-width: 28px; }
QPushButton[role="field"] { text-align: left; padding: 0 10px; }
QPushButton[role="field"]:focus { padding: 0 9px; }
QPushButton[role="choice"]:checked { background: %(accent_soft)s; border-color: %(accent)s; }
QPushButton[role="rail"] { background: transparent; border: none; border-left: 3px solid transparent;
    border-radius: 6px; padding: 0 10px 0 7px; min-height: %(high)dpx; text-align: left; color: %(secondary)s; }
QPushButton[role="rail"]:hover { color: %(text)s; }
QPushButton[role="rail"]:checked { background: %(accent_soft)s; border-left-color: %(accent)s; color: %(text)s; }
QPushButton[role="rail"]:focus { color: %(text)s; border: 2px solid %(accent)s; padding: 0 8px; min-height: %(in_ring)dpx; }
QPushButton[role="rail"]:checked:focus { border: 1px solid %(accent)s; border-left-width: 3px; padding: 0 9px 0 7px;
    min-height: %(in_line)dpx; }

QPushButton[role="tab"] { color: %(secondary)s; background: transparent; border: none; border-radius: 0;
    border-bottom: 2px solid transparent; padding: 0 2px; min-height: %(high)dpx; }
QPushButton[role="tab"]:hover { color: %(text)s; }
QPushButton[role="tab"]:checked { color: %(text)s; border-bottom-color: %(accent)s; }
QPushButton[role="tab"]:focus { color: %(text)s; background: %(accent_soft)s; }

QLineEdit { color: %(text)s; background: %(card)s; border: 1px solid %(line)s; border-radius: 6px; padding: 0 10px;
    min-height: %(in_line)dpx; selection-background-color: %(accent)s; selection-color: %(on_accent)s; }
QLineEdit, QPlainTextEdit { placeholder-text-color: %(secondary)s; }
QLineEdit:focus { border-color: %(accent)s; }

QFrame#rail { background: %(rail)s; border: none; border-right: 1px solid %(line)s; }
QFrame[role="card"] { background: %(card)s; border: 1px solid %(line)s; border-radius: 8px; }
QFrame[role="chosen"] { background: %(card)s; border: 1px solid %(accent)s; border-radius: 8px; }
QFrame[role="notice"] { background: %(accent_soft)s; border: none; border-radius: 8px; }
QFrame[role="trouble"] { background: %(attention_soft)s; border: 1px solid %(attention)s; border-radius: 8px; }
QLabel#drop { background: %(accent_soft)s; border: 2px dashed %(accent)s; border-radius: 8px; }
QFrame[role="line"] { background: %(line)s; border: none; max-height: 1px; min-height: 1px; }
QScrollArea, QScrollArea > QWidget > QWidget#page { background: %(window)s; border: none; }

QTableView { background: %(window)s; border: none; gridline-color: transparent; outline: none;
    selection-background-color: %(accent_soft)s; selection-color: %(text)s; }
QTableView::item { border: none; border-bottom: 1px solid %(line)s; padding: 0 5px; }
QTableView::item:selected { background: %(accent_soft)s; color: %(text)s; }
QHeaderView { background: %(window)s; border: none; }
QHeaderView::section { color: %(secondary)s; background: %(window)s; border: none; border-bottom: 1px solid %(line)s;
    padding: 0 8px; min-height: 31px; font-size: %(caption)dpx; }
QHeaderView::section:hover { color: %(text)s; }
QFrame[role="card"] QTableView, QFrame[role="card"] QHeaderView, QFrame[role="card"] QHeaderView::section {
    background: %(card)s; }
QPlainTextEdit { color: %(text)s; background: %(rail)s; border: 1px solid %(line)s; border-radius: 6px; padding: 4px 6px;
    selection-background-color: %(accent)s; selection-color: %(on_accent)s; }
QPlainTextEdit[role="field"] { background: %(card)s; }
QPlainTextEdit:focus { border-color: %(accent)s; }
QFrame#sheet { background: %(window)s; border: none; border-left: 1px solid %(line)s; }
QListWidget { background: %(card)s; border: 1px solid %(line)s; border-radius: 6px; padding: 4px; outline: none; }
QListWidget:focus { border-color: %(accent)s; }
QListWidget::item { min-height: %(in_ring)dpx; padding: 0 6px; border-radius: 4px; }
QListWidget::item:selected { background: %(accent_soft)s; color: %(text)s; }
QComboBox QAbstractItemView { background: %(card)s; color: %(text)s; border: 1px solid %(line)s; padding: 4px; outline: none;
    selection-background-color: %(accent_soft)s; selection-color: %(text)s; }
QComboBox QAbstractItemView::item { min-height: %(in_ring)dpx; padding: 0 6px; border-radius: 4px; }
QComboBox QAbstractItemView::item:selected { background: %(accent_soft)s; color: %(text)s; }

QMenu { background: %(card)s; color: %(text)s; border: 1px solid %(line)s; padding: 6px 0; }
QMenu::item { padding: 6px 20px; }
QMenu::item:selected { background: %(accent_soft)s; }
QMenu::item:disabled { color: %(secondary)s; }
QMenu::separator { height: 1px; background: %(line)s; margin: 6px 0; }

QSplitter::handle { background: %(line)s; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: %(flat)s; border-radius: 4px; margin: 2px; min-height: 32px; min-width: 32px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
"""


def sheet(roles: Roles) -> str:
    colours = {field.name: getattr(roles, field.name) for field in fields(roles)}
    tall = {"high": high(), "in_line": high() - 2, "in_ring": high() - 4}
    return SHEET % (colours | tall | {"caption": scaled(CAPTION)})


# applying ------------------------------------------------------------------------------------------------------------


class Theme(QObject):
    """Keeps the app in the chosen theme, and follows the system's while that is `auto`."""

    changed = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self.mode = "auto"
        self._shown: Roles | None = None
        self._fusion = False
        _remember_system_size(app)
        app.styleHints().colorSchemeChanged.connect(self._on_system, Qt.ConnectionType.QueuedConnection)

    @property
    def dark(self) -> bool:
        return is_dark(self._app.palette())

    def use(self, mode: str) -> None:
        self.mode = mode if mode in MODES else "auto"
        app, scheme = self._app, Qt.ColorScheme
        wanted = {"light": scheme.Light, "dark": scheme.Dark}.get(self.mode, scheme.Unknown)
        app.styleHints().setColorScheme(wanted)
        if high_contrast(app):
            self._as_system()
        else:
            self._own(DARK if self._wants_dark() else LIGHT)
        self.changed.emit()

    def _wants_dark(self) -> bool:
        """What was chosen, else what the system says, else what its palette looks like."""
        if self.mode != "auto":
            return self.mode == "dark"
        scheme = self._app.styleHints().colorScheme()
        if scheme != Qt.ColorScheme.Unknown:
            return scheme == Qt.ColorScheme.Dark
        self._shown = None
        self._app.setPalette(QPalette())  # drops our own palette, so that the platform's shows through
        return is_dark(self._app.palette())

    def _own(self, roles: Roles) -> None:
        app = self._app
        if roles is self._shown:
            return
        self._shown = roles
        if not self._fusion:  # a stylesheet hides the style's name
            app.setStyle("Fusion")
            self._fusion = True
        app.setPalette(palette_of(roles))
        app.setFont(font())
        app.setStyleSheet(sheet(roles))

    def _as_system(self) -> None:
        """High contrast is the person's own choice of colours: ours stay out of it."""
        self._shown = None
        self._app.setPalette(QPalette())
        self._app.setPalette(_with_accent(self._app.palette()))
        self._app.setFont(font())
        self._app.setStyleSheet(sheet(roles_of(self._app.palette())))

    def _on_system(self) -> None:
        if self.mode == "auto":
            QTimer.singleShot(0, self, lambda: self.use("auto"))


def _with_accent(system: QPalette) -> QPalette:
    """Only what `roles_of` asks for and a system may not tell; all else stays the system's."""
    role, palette = QPalette.ColorRole, QPalette()
    palette.setColor(role.Accent, system.color(role.Highlight))
    palette.setColor(role.BrightText, system.color(role.HighlightedText))
    return palette


def high_contrast(app: QApplication) -> bool:
    hints = app.styleHints()
    if not hasattr(hints, "accessibility"):  # new in Qt 6.10
        return False
    return hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast


def apply(app: QApplication, mode: str = "auto") -> Theme:
    """Puts the app into a theme. The same `Theme` serves all later changes."""
    theme = app.findChild(Theme) or Theme(app)
    theme.use(mode)
    return theme
