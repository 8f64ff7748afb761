"""What may leak, looked for in the very bytes that would leave. Each finding is resolved or accepted one by one (product 7.5).

The bytes are read as they are, and as a reader shows them: without HTML's entities and tags within words, Markdown's backslashes,
CSV's second quotes.
"""

from __future__ import annotations

import html
import platform
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple
from urllib.parse import unquote_plus, urlsplit

from tokentrack.export.hidden import PRIVATE_WORD, looked_for
from tokentrack.export.options import BRANCHES, Options
from tokentrack.export.page import FIXED
from tokentrack.export.rows import address
from tokentrack.export.text import Look
from tokentrack.phrases import listing
from tokentrack.store import exports, tasks


class Finding(NamedTuple):
    """Something on the page that may not be meant to leave, once, with all `lines` in which it stands, in whatever spelling.

    `number` counts from 1 in the order of the first lines, which count from 1 too.
    """

    number: int
    kind: str
    text: str
    lines: tuple[int, ...]

    def place(self, format: str) -> str:  # noqa: A002
        """`line 12`, `lines 12, 14 and 40`; "" in a PDF, which has no lines that could be counted."""
        if format == "pdf":
            return ""
        return f"{'line' if len(self.lines) == 1 else 'lines'} {listing(map(str, self.lines))}"

    def words(self, format: str) -> str:  # noqa: A002
        return f"{self.number}. {', '.join(filter(None, (self.kind, self.place(format))))}: {self.text}"


Hit = tuple[int, str, str]
"""Line, kind, text."""

PATH = "absolute path"
MAIL = "e-mail address"
ADDRESS = "address with a token or password"
HOST = "host name"
SECRET = "key or token"  # the name of a kind
SESSION = "session id"
USER = "user name"
BRANCH = "branch name"

ROOTS = "home|Users|root|tmp|var|etc|opt|usr|mnt|media|srv|private|Volumes"
STEPS = r"(?:[\\/](?:[\w.$-]+(?: [\w.$-]+)+(?=[\\/])|[\w.$-]+))*"
"""Of a Windows path: a folder's name may have spaces, which the end of it cannot tell from the sentence that goes on."""
REST = r"[^\s\"'<>,|]"
"""Of an address."""
SCHEME = r"(?<![\w+.-])[a-z][a-z0-9+.-]*+://"
GIVES_ACCESS = (
    r"(?:[\w.-]*(?:api_?key|access_?key|token|secret|password|passwd|credential|signature)"
    r"|auth|code|jwt|key|pass|pwd|session|sid|sig)"
)
SECRET_NAME = (
    r"(?<![^\W_])(?:(?:pg|my|db)?pass(?:word|wd|phrase|wort)|pwd|secret|token|bearer|credentials?"
    r"|(?:api|access|private|secret|account|auth|signing|encryption)[ _-]?key)(?![^\W_])"
)
VENDORS = (
    r"[spr]k[-_](?:ant-|proj-|live_|test_)|gh[opsur]_|github_pat_|glpat-|xox[abeoprs]-|xapp-|lin_api_|dop_v1_"
    r"|shp(?:at|ca|pa|ss)_|whsec_|tskey-|pypi-AgE|dckr_pat_|sq0[a-z]{3}-|ya29\.|AIza"
)
PUBLIC = (
    "ai|app|biz|cloud|com|dev|edu|gov|info|int|mil|mobi|net|online|org|tech|xyz|(?:co|com|gov|net|org)[.][a-z]{2}"
    "|a[cdefgilmoqrtuwz]|b[abdefghijmnorstwz]|c[adfghilmnoruvwxyz]|d[ejkmz]|e[cegrstu]|f[ijkmor]"
    "|g[abdefghilmnpqrtuwy]|h[kmnrtu]|i[elmnoqrt]|j[emop]|k[eghimnprwyz]|l[abcikrstuvy]|m[aceghmnopqrstuvwxyz]"
    "|n[acefgilopruz]|om|p[aefghklnrtwy]|qa|r[eouw]|s[abdegijklmnrtuvxyz]|t[cdghjklmnrtvwz]|u[agksyz]|v[aceginu]|wf"
    "|y[et]|z[amw]"
)
"""Ends of names that machines have: all countries' but those that files (`md`, `py`, `sh`) and code (`id`, `to`) have."""
WEB = "biz|com|de|edu|eu|fr|gov|nl|org|(?:co|com|gov|net|org)[.][a-z]{2}"
"""Ends with which two parts are a host: `acme.com`, where `do.it` and `Socket.io` are none."""
INNER = "corp|home|internal|intra|intranet|lan|local|localdomain|private"
PACKAGE = "(?:com|dev|io|java|javax|net|org)"
"""What names of packages begin with: they are written the other way round."""
LABEL = r"[A-Za-z0-9][\w-]*+"
VERSION = r"(?:v|rc|alpha|beta|canary|latest|next)[\d.-]"
"""What stands behind a package's name and `@`."""
GROUP = "[0-9a-f]{1,4}"
TURN = r"(?>[\w+/-]*?(?:[a-z][A-Z]|[A-Za-z]\d|\d[A-Za-z]))"
"""From small letters to large ones or to digits: what is made by chance has many, a branch or a folder few."""
PATTERNS = (
    (PATH, rf"(?<![\w<:/.)\]])/(?:(?:{ROOTS})\b(?:/[\w.@+~-]+)*|[\w.@+~-]+(?:/[\w.@+~-]+)+)"),
    (PATH, r"(?<![\w/.])~[\w.-]*/[\w.@+~-]+(?:/[\w.@+~-]+)*"),
    (PATH, rf"(?i)\b(?:file|smb|cifs|nfs|afp|s?ftp|ssh|vscode):/+{REST}+"),
    (PATH, rf"(?<![A-Za-z])[A-Za-z]:[\\/](?![/\\])[\w.$-]+{STEPS}"),
    (PATH, rf"(?<![\\\w])\\\\[\w.$-]{{2,}}\\[\w.$-]+{STEPS}"),
    (PATH, rf"(?<![\w:/.])//(?!(?:TODO|FIXME|HACK|NOTE|XXX)\b)[\w.$-]{{2,}}/[\w.$-]+{STEPS}"),
    (PATH, r"%(?:USERPROFILE|APPDATA|LOCALAPPDATA|HOMEPATH)%|\$(?:HOME|USER)\b"),
    (MAIL, r"(?<![\w.+-])[\w.+-]++[@＠﹫][\w-]++(?:\.[\w-]++)+"),
    (ADDRESS, rf"(?i){SCHEME}[^\s/@\"'<>,|]++@{REST}+"),
    (ADDRESS, rf"(?i){SCHEME}[^\s\"'<>,|?#]*+[?#](?:[^\s\"'<>,|=]*+=[^\s\"'<>,|&]*+&)*?{GIVES_ACCESS}={REST}+"),
    (
        ADDRESS,
        rf"(?i)\b(?:hooks\.slack\.com/services|discord(?:app)?\.com/api/webhooks|\.webhook\.office\.com)/{REST}+",
    ),
    (HOST, rf"(?<![\w.-])(?:{LABEL}\.)+(?:{INNER}|{INNER.upper()})\b(?![\w/-]*\()(?::\d+)?"),
    (HOST, rf"(?<![\w.@-])(?!{PACKAGE}\.)(?:{LABEL}\.){{2,}}(?:{PUBLIC})\b(?!\.\w)(?![\w/-]*\()(?::\d+)?"),
    (HOST, rf"(?<![\w.@-])(?!{PACKAGE}\.){LABEL}\.(?:{WEB})\b(?!\.\w)(?![\w/-]*\()"),
    (HOST, rf"(?<![\w.@-]){LABEL}\.(?:{PUBLIC}):\d+\b"),
    (HOST, rf"(?i)(?<=://)(?![^\s/]*@)(?:{LABEL}(?![\w.])|(?:{LABEL}\.)+(?:{PUBLIC})\b(?!\.\w))(?::\d+)?"),
    (HOST, r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])"),
    (
        HOST,
        rf"(?i)(?<![\w:.])(?=[\da-f:]*\d)(?:{GROUP}(?::{GROUP}){{7}}|(?:{GROUP}(?::{GROUP})*+)?::(?:{GROUP}(?::{GROUP})*+)?)(?![\w:])",
    ),
    (HOST, r"(?i)\blocalhost(?::\d+)?\b"),
    (HOST, r"(?i)(?<![\w.@-])www\.(?:[\w-]++\.)*[\w-]++"),
    (HOST, rf"(?i)(?<![\w.+@/-])[a-z_][\w.-]*+@(?!{VERSION})(?=[a-z][\w-]*[\d-]){LABEL}(?!\.\w|@)"),
    (SECRET, r"-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----"),
    (SECRET, rf"(?<![^\W_])(?:{VENDORS})[\w.-]{{8,}}"),
    (
        SECRET,
        r"(?<![^\W_])(?:[spr]k[-_](?=[\w-]{0,40}\d)[\w-]{16,}|(?:npm|hf)_[A-Za-z0-9]{20,}|SG\.[\w-]{16,}\.[\w-]+)",
    ),
    (SECRET, r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAGE-SECRET-KEY-1\w+"),
    (SECRET, r"(?<![\w-])eyJ[\w-]{8,}+\.[\w-]{8,}+\.[\w-]*"),
    (SECRET, rf"(?i)(?<![\w-])(?=[\w-]*?{SECRET_NAME})[\w-]++[\"']?\s*[:=]\s*[\"']?[^\s,;|<\"']{{6,}}"),
    (
        SECRET,
        r"(?i)(?<![\w-])(?:pass|pw)[\"']?\s*[:=]\s*[\"']?(?=[^\s,;|<\"']*\d)(?=[^\s,;|<\"']*[a-z])[^\s,;|<\"']{6,}",
    ),
    (
        SECRET,
        rf"(?i){SECRET_NAME}[\"']?\s+(?:is|was|are|ist|war|lautet)\s+[\"'“]?(?=[^\s,;|<\"']*\d)(?=[^\s,;|<\"']*[a-z])[^\s,;|<\"']{{6,}}",
    ),
    (
        SECRET,
        r"\b[Bb]asic\s+(?=[\w+/]*[a-z])(?=[\w+/]*[A-Z])(?=[\w+/]*\d)(?:[A-Za-z\d+/]{4}){3,}+[A-Za-z\d+/]{0,3}={0,2}(?![\w+/])",
    ),
    (SECRET, r"(?i)\bbearer\s+(?=[\w.~+/-]*\d)[\w.~+/-]{12,}=*"),
    (SECRET, r"(?i)(?<!sha256 )(?<!sha256\": \")(?<![^\W_])(?=\d*[a-f])(?=[a-f]*\d)[0-9a-f]{32,}\b"),
    (
        SECRET,
        rf"(?<![\w+/-])(?=[\w+/-]*[a-z])(?=[\w+/-]*[A-Z])(?=[\w+/-]*\d)(?=(?:{TURN}){{5}})[\w+/-]{{32,}}={{0,2}}(?![\w+/=-])",
    ),
    (SESSION, r"(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\bses_\w{10,}"),
)
COMPILED = tuple((kind, re.compile(pattern)) for kind, pattern in PATTERNS)
PLAIN_USERS = {
    "admin",
    "administrator",
    "app",
    "build",
    "default",
    "dev",
    "home",
    "me",
    "root",
    "test",
    "ubuntu",
    "user",
    "work",
}
"""Names of accounts that tell of nobody, and that sentences have too."""
SHORTEST_NAME = 3
TOKEN = re.compile(r"[\w-]{8,}")
NAME_OF_BRANCH = re.compile(r"\w[\w.+#/-]*\w")
Reading = Callable[[str], str]
TAG = re.compile('<span class="key">|</span>')
"""What the page's HTML has within words."""
READINGS: tuple[Reading, ...] = (
    str,
    lambda text: html.unescape(TAG.sub("", text)),
    lambda text: re.sub(r"\\([^A-Za-z0-9\s])", r"\1", text),
    lambda text: text.replace('""', '"'),
)


def as_read(address: str) -> str:
    """Text with the spaces and letters that addresses spell `+`, `%20`, `%C3%BC`; some tools do it twice."""
    return unquote_plus(unquote_plus(address))


def scan(data: bytes, db: sqlite3.Connection, env: Mapping[str, str], options: Options) -> list[Finding]:
    """Everything that may leak; of a PDF, the HTML that it is made of is what to hand in.

    `env` tells home folder and account, `options` what this page withholds or calls otherwise.
    """
    written = data.decode("utf-8", "replace")
    whole = [Look(read) for read in spelled(written)]
    named = [(kind, name) for kind, name in _named(db, env, options) if any(one.bears(name) for one in whole)]
    hits: set[Hit] = set()
    for number, line in enumerate(written.split("\n"), 1):
        for read in readings(line):
            hits.update((number, kind, text) for kind, text in _patterns(read))
        for read in spelled(line):
            hits.update((number, kind, text) for kind, text in _names(read, named))
    if BRANCHES not in options.fields:
        hits.update(_branches(db, written))
    tokens = TOKEN.findall(written)
    known = exports.sessions_named(db, tokens)
    hits.update((_line_of(written, name), SESSION, name) for name in known)
    linked = _linked(db, written)
    return list(_each_once(hit for hit in sorted(_longest(hits)) if hit[1] != HOST or hit[2] not in linked))


def readings(line: str) -> set[str]:
    """A line as it is, and as its format shows it."""
    return {reading(line) for reading in READINGS}


def spelled(line: str) -> set[str]:
    """The same, and as addresses in it are read: names are looked for in either."""
    shown = readings(line)
    return shown | {as_read(read) for read in shown}


def _patterns(line: str) -> Iterator[tuple[str, str]]:
    """What stands in an address is part of that finding."""
    hits = [(kind, found.span(), found[0]) for kind, pattern in COMPILED for found in pattern.finditer(line)]
    within = [span for kind, span, _ in hits if kind == ADDRESS]
    for kind, (begin, end), text in hits:
        if kind == ADDRESS or not any(first <= begin and end <= last for first, last in within):
            yield kind, text


def _names(line: str, named: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for own in FIXED:
        line = line.replace(own, " " * len(own))
    look = Look(line)
    for kind, name in named:
        for begin, end in look.find(name, within=kind == PRIVATE_WORD and len(name) > SHORTEST_NAME):
            yield kind, line[begin:end]


def _branches(db: sqlite3.Connection, written: str) -> Iterator[Hit]:
    """Those that the store knows, as they are written: of words and pairs of them, sentences are full."""
    found = {
        (number, name)
        for number, line in enumerate(written.split("\n"), 1)
        for read in readings(line)
        for name in NAME_OF_BRANCH.findall(read)
        if "/" in name or len(re.findall("[_-]", name)) > 1
    }
    known = exports.branches(db) if found else set()
    yield from ((number, BRANCH, name) for number, name in found if name in known)


def _longest(hits: Iterable[Hit]) -> Iterator[Hit]:
    """As they are shown; without those of which another reading of the line, or another pattern of their kind, found more."""
    for (line, kind), same in groupby(sorted(hits), key=itemgetter(0, 1)):
        texts = {text for _, _, text in same}
        shown = {text for text in texts if not ({reading(text) for reading in READINGS} - {text}) & texts}
        yield from ((line, kind, text) for text in shown if not any(text in other and text != other for other in shown))


def _each_once(hits: Iterable[Hit]) -> Iterator[Finding]:
    """In the order of the lines in which they stand first; a name is the same in large letters and in small."""
    found: dict[tuple[str, str], tuple[str, list[int]]] = {}
    for line, kind, text in hits:
        lines = found.setdefault((kind, Look(text).folded), (text, []))[1]
        if line not in lines:
            lines.append(line)
    for number, ((kind, _), (text, lines)) in enumerate(found.items(), 1):
        yield Finding(number, kind, text, tuple(lines))


def _linked(db: sqlite3.Connection, written: str) -> set[str]:
    """Hosts of the addresses of work that are on the page: whoever added them was told that they name a host."""
    links = {link for task in tasks.tasks(db) if (link := address(task.url))}
    return {urlsplit(link).netloc for link in links if link in written or html.escape(link) in written}


def _line_of(text: str, part: str) -> int:
    return text.count("\n", 0, text.find(part)) + 1


def _named(db: sqlite3.Connection, env: Mapping[str, str], options: Options) -> Iterator[tuple[str, str]]:
    """What this machine, the store and the settings know by name."""
    yield from looked_for(db, options)
    for text in _hosts(db, env):
        yield HOST, text
    for text in _users(env):
        yield USER, text


def _hosts(db: sqlite3.Connection, env: Mapping[str, str]) -> set[str]:
    own = {name for name in (platform.node(), env.get("HOSTNAME", ""), env.get("COMPUTERNAME", "")) if name}
    own |= {name.partition(".")[0] for name in own}
    remotes = {part for host in exports.hosts(db) for part in (host.partition("/")[0], host.partition("/")[2]) if part}
    return {
        name for name in own | remotes if len(name) >= SHORTEST_NAME and name.lower() not in ("localhost", *PLAIN_USERS)
    }


def _users(env: Mapping[str, str]) -> set[str]:
    home = env.get("HOME") or env.get("USERPROFILE") or ""
    names = {env.get(name, "") for name in ("USER", "LOGNAME", "USERNAME")} | {
        re.split(r"[\\/]", home.rstrip("\\/"))[-1]
    }
    return {name for name in names if len(name) >= SHORTEST_NAME and name.lower() not in PLAIN_USERS}
