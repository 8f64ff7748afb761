"""The sentences of ARCHITECTURE.md that a program can check."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sources import CHECKOUT, PACKAGE, nodes, sources, strings

RESOURCES = CHECKOUT / "resources"


def at(file: Path, node: ast.AST) -> str:
    return f"{file.relative_to(CHECKOUT)}:{getattr(node, 'lineno', 0)}"


# ---- imports ---------------------------------------------------------------------------------------------------------


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    return subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)


def test_imports_run_down_and_packages_stay_where_they_belong() -> None:
    result = lint_imports(CHECKOUT)
    assert result.returncode == 0, result.stdout + result.stderr


BREACHES = [
    ("model/logs.py", "import tokentrack.paths", "Imports run down", "tokentrack.model.logs -> tokentrack.paths"),
    ("model/logs.py", "import tokentrack.agents", "Imports run down", "tokentrack.model.logs -> tokentrack.agents"),
    ("unplaced.py", "", "Imports run down", "unplaced"),
    ("model/logs.py", "from PySide6.QtCore import QObject", "Qt only", "tokentrack.model.logs -> PySide6"),
    ("store/__init__.py", "import watchdog.events", "watchdog only", "tokentrack.store -> watchdog"),
    ("store/__init__.py", "import genai_prices", "The price package only", "tokentrack.store -> genai_prices"),
    ("agents/__init__.py", "import sqlite_utils", "sqlite-utils only", "tokentrack.agents -> sqlite_utils"),
]


def test_the_contracts_hold_something(tmp_path: Path) -> None:
    """A package of empty modules breaks none; each import that may not be breaks its own, and is named."""
    shutil.copy(CHECKOUT / "pyproject.toml", tmp_path)
    parts = ["__init__.py", "paths.py", *(f"{part}/__init__.py" for part in ("model", "agents", "store", "ui"))]
    for part in [*parts, "model/logs.py"]:
        (tmp_path / "tokentrack" / part).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / "tokentrack" / part).touch()
    assert lint_imports(tmp_path).returncode == 0
    for module, line, _, _ in BREACHES:
        with (tmp_path / "tokentrack" / module).open("a") as file:
            file.write(line + "\n")
    result = lint_imports(tmp_path)
    assert result.returncode == 1
    told = re.sub(r"\s+", " ", result.stdout)
    for _, _, contract, what in BREACHES:
        assert re.search(rf"^{contract}.*BROKEN", result.stdout, re.MULTILINE), result.stdout
        assert what in told, result.stdout


WITHOUT_QT = """
import importlib, sys
class NoQt:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("PySide6", "shiboken6"):
            raise ImportError(name)
sys.meta_path.insert(0, NoQt())
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


def test_everything_but_the_windows_runs_without_qt() -> None:
    names = [".".join(file.relative_to(CHECKOUT).with_suffix("").parts) for file in sources("ui", "__main__.py")]
    names = [name.removesuffix(".__init__") for name in names]
    result = subprocess.run([sys.executable, "-c", WITHOUT_QT, *names], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


NETWORK = ("aiohttp", "ftplib", "http", "httpx", "httpx2", "requests", "smtplib", "ssl", "urllib.request", "urllib3")


def test_nothing_can_open_a_connection() -> None:
    found = []
    for file in sources():
        for node in nodes(file):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
                if node.module == "PySide6.QtNetwork":
                    found += [at(file, node) for alias in node.names if not alias.name.startswith("QLocal")]
            found += [at(file, node) for name in names if f"{name}.".startswith(tuple(f"{n}." for n in NETWORK))]
    assert not found


# ---- SQL -------------------------------------------------------------------------------------------------------------

# Statements, not sentences: either case throughout, as people write SQL, and never "Select one from the list".
STATEMENTS = (
    r"select\s.*\s(from)\s",
    r"select\s+\w+\(",
    r"with\s+(recursive\s+)?\w+(\s*\(.*\))?\s+as\s*\(",
    r"(insert|replace)\s+(or\s+\w+\s+)?into\s",
    r"update\s+(or\s+\w+\s+)?\S+\s+set\s",
    r"delete\s+from\s",
    r"create\s+((temp|temporary|unique|virtual)\s+)?(table|index|view|trigger)\s",
    r"alter\s+table\s",
    r"drop\s+(table|index|view|trigger)\s",
    r"pragma\s+\w",
    r"begin\s+(immediate|exclusive|deferred)",
    r"attach\s+(database\s|\?)",
)
KEYWORD = re.compile(r"(?<![\\\w])[a-z]{2,}")
SHOUTED = [KEYWORD.sub(lambda word: word[0].upper(), statement) for statement in STATEMENTS]
SQL = re.compile(rf"\s*({'|'.join([*STATEMENTS, *SHOUTED])})", re.DOTALL)


def is_execute(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("execute", "executemany", "executescript")
    )


def test_sql_lives_in_the_store() -> None:
    """And in an agent that reads a foreign database."""
    found = []
    for file in sources("store", "agents"):
        found += [at(file, node) for node in strings(file, with_docstrings=False) if SQL.match(str(node.value))]
        found += [at(file, node) for node in nodes(file) if is_execute(node)]
    assert not found


@pytest.mark.parametrize(
    ("text", "is_sql"),
    [
        ("SELECT id FROM sessions", True),
        ("\n    select max(at)\n    from requests r", True),
        ("select count(*)", True),
        ("with recursive t(n) as (select 1)", True),
        ("insert or ignore into logs values (?)", True),
        ("update logs set cursor = ?", True),
        ("delete from logs", True),
        ("create unique index x on y", True),
        ("PRAGMA user_version", True),
        ("begin immediate", True),
        ("Select one from the list", False),
        ("Update the store", False),
        ("with a budget", False),
        ("create a table of sessions", False),
        ("begins at midnight", False),
    ],
)
def test_the_search_for_sql_tells_statements_from_sentences(text: str, is_sql: bool) -> None:
    assert bool(SQL.match(text)) == is_sql


# ---- errors ----------------------------------------------------------------------------------------------------------


def swallows_everything(handler: ast.ExceptHandler) -> bool:
    caught = (
        {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)} if handler.type else {"Exception"}
    )
    return bool(caught & {"Exception", "BaseException"}) and all(
        isinstance(statement, ast.Pass | ast.Continue)
        or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
        for statement in handler.body
    )


def test_no_error_is_swallowed() -> None:
    found = [
        at(file, node)
        for file in sources()
        for node in nodes(file)
        if isinstance(node, ast.ExceptHandler) and swallows_everything(node)
    ]
    assert not found


# ---- words -----------------------------------------------------------------------------------------------------------

# What the app never says: nothing that judges a person, compares people, or claims a return.
SOME_TIME_OR_MONEY = r"(you|us|me|about|over|nearly|time|money|hours?|[$\d][\d.,]*)"
FORBIDDEN = re.compile(
    "|".join(
        rf"\b({words})"
        for words in (
            r"(score(s|d|boards?)?|leaderboards?|rank(s|ed|ing|ings)?|percentiles?|grade[ds]?|streaks?|badges?)\b",
            r"achievements?\b|troph(y|ies)\b|gamif|level(l)?ed up\b",
            rf"savings\b|(you|we|agents?)( have|'ve)? saved\b|saved {SOME_TIME_OR_MONEY}(?!\w)",
            r"(time|money|hours?) saved\b",
            r"roi\b|returns? on investment\b|payback\b|(pays?|paid) for itself\b",
            r"productiv|efficien|wasted?\b|wasteful\b|usage was high\b|heat ?map|benchmark",
            r"(hours?|days?) worked\b|lines? of code\b|ai-(written|authored|generated)\b|written by ai\b",
            r"(tokens|commits?|prs?) per (hour|day)\b|per (commit|pr|pull request|line of code|engineer|developer)\b",
            r"(\d|[x×] |times )(\.\d+)? ?[x×]? ?(faster|cheaper|the plan)\b|worth \d+(\.\d+)? ?[x×]",
            r"\d(\.\d+)? ?([x×]|times) (as|more|less|better|quicker|bigger)\b",
            r"goals? (is |was )?(met|reached|achieved)\b|on track\b|(personal|new|day|daily) (best|record)s?\b",
            r"levels? \d|(well|nicely) done\b|congrat|(good|great|nice) (job|work|week)\b|keep it up\b|awesome\b",
            r"unused\b|left (to (use|spend)|over)\b|leftovers?\b|remaining\b|use it or lose it\b|laps(e|ed|es)\b",
            r"only\b(?<!--name-only)",
        )
    ),
    re.IGNORECASE,
)
READ_BY_PEOPLE = {".css", ".csv", ".html", ".j2", ".json", ".md", ".qml", ".qss", ".svg", ".toml", ".ts", ".txt", ".ui"}


def said_in_code() -> Iterator[tuple[str, str]]:
    """Texts of every part: errors, reasons of links and rules of counting reach people too. Of SQL, nobody reads any."""
    for file in sources():
        for node in strings(file, with_docstrings=file.is_relative_to(PACKAGE / "cli")):
            if not (
                file.is_relative_to(PACKAGE / "store")
                and re.search(r"\b(select|create|primary key)\b", str(node.value))
            ):
                yield at(file, node), str(node.value)


def said_in_resources() -> Iterator[tuple[str, str]]:
    for file in sorted(RESOURCES.rglob("*")):
        if file.suffix in READ_BY_PEOPLE and not file.is_relative_to(RESOURCES / "demo"):
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                yield f"{file.relative_to(CHECKOUT)}:{number}", line


@pytest.mark.parametrize("said", [said_in_code, said_in_resources])
def test_what_the_app_never_says(said: Callable[[], Iterator[tuple[str, str]]]) -> None:
    found = [f"{place}: {match[0]!r}" for place, text in said() if (match := FORBIDDEN.search(text))]
    assert not found


LATE = re.compile(
    r"\b(missed|late|later than|overdue|streaks?|behind|skipped|lapsed|forg[eo]t\w*|catch up|in a row|again and again)\b",
    re.IGNORECASE,
)
OF_A_REVIEW = (
    "ui/week_*.py", "ui/windows/week.py", "ui/live_week.py", "ui/outcome_bar.py", "cli/reviewing.py",
    *(f"review/{name}.py" for name in ("closing", "drift", "followups", "insights", "snapshot", "steps", "week")),
)  # fmt: skip


def test_a_review_says_nothing_of_weeks_that_were_not_reviewed() -> None:
    """AC 42."""
    files = [file for pattern in OF_A_REVIEW for file in PACKAGE.glob(pattern)]
    assert len(files) >= len(OF_A_REVIEW)
    found = [
        f"{at(file, node)}: {match[0]!r}"
        for file in files
        for node in strings(file, with_docstrings=file.is_relative_to(PACKAGE / "cli"))
        if (match := LATE.search(str(node.value)))
    ]
    assert not found


def test_nothing_is_shouted() -> None:
    """No exclamation mark ends a word in what people read."""
    assert not [place for place, text in said_in_code() if re.search(r"[A-Za-z]!(\s|$)", text)]


def test_a_sentence_that_a_window_may_show_has_no_backticks() -> None:
    """A command stands in quotes there; those that stand by themselves are for the command line, which adds them."""
    found = [place for place, text in said_in_code() if re.search(r"\S\s*`(tokentrack|git|ulimit) ", text)]
    assert not [place for place in found if "/cli/" not in place]


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("Your score this week", True),
        ("You saved $40", True),
        ("saved 3 hours", True),
        ("ROI 340%", True),
        ("2.5x faster than without", True),
        ("3 times faster", True),
        ("a plan worth 4x", True),
        ("A productive week", True),
        ("3 times as much done", True),
        ("goal met", True),
        ("$4.10 per commit", True),
        ("cost per commit", True),
        ("$22 unused", True),
        ("$22 left to spend", True),
        ("only $20", True),
        ("A new record", True),
        ("Level 3", True),
        ("Well done.", True),
        ("1.5 x the median distance", False),
        ("git log --name-only", False),
        ("it is left out", False),
        ("Settings saved", False),
        ("The report was saved to {path}", False),
        ("upgrade the store", False),
        ("a record in a log", False),
        ("Frank", False),
        ("28 days of a plan", False),
    ],
)
def test_the_search_for_words_finds_what_it_should(text: str, never: bool) -> None:
    assert bool(FORBIDDEN.search(text)) == never
