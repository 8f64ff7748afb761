"""The records of opencode, in all its storages: sessions, messages and their parts, typed loosely, and what they count.

Fields may be missing, null, or of another type than expected: what does not fit is None, and never a reason to stop.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta, Raw, Struct

from tokentrack.agents.reading import LONGEST_FOLDER, LONGEST_NAME, NOT_TYPED, Folder, Name, fit
from tokentrack.agents.values import TOO_MANY

LAST_INCLUSIVE = (1, 3, 15)
"""The last version whose `output` holds the reasoning; from the next one on they stand side by side."""
_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")
_PLACEHOLDER = re.compile(r"(New|Child) session - \d{4}-\d\d-\d\d")


NONE = Raw(b"")
Counter = Annotated[int, Meta(ge=0, le=TOO_MANY)] | None
Moment = Annotated[int, Meta(gt=0, lt=10**14)] | float | None
"""UTC milliseconds, between 1970 and the year 5000."""


class Time(Struct, gc=False):
    created: Moment = None
    completed: Moment = None


class Cache(Struct, gc=False):
    read: Counter = None
    write: Counter = None


class Tokens(Struct, gc=False):
    input: Counter = None
    output: Counter = None
    reasoning: Counter = None
    total: Counter = None
    cache: Cache | None = None


class Model(Struct, gc=False):
    id: Name = None
    modelID: Name = None
    providerID: Name = None


class Place(Struct, gc=False):
    cwd: Folder = None


class Info(Struct, gc=False):
    """A message: a `message` row, an `info` of an event, a JSON file, or a `session_message` row, whose model is an object."""

    id: Any = None
    sessionID: Any = None
    role: Any = None
    time: Time | None = None
    modelID: Name = None
    providerID: Name = None
    mode: Any = None
    agent: Any = None
    path: Place | None = None
    cost: Any = None
    tokens: Raw = NONE
    model: Model | None = None
    error: Any = None
    text: Any = None
    command: Any = None
    output: Any = None
    content: Raw = NONE


class Part(Struct, gc=False):
    id: Any = None
    messageID: Any = None
    type: Any = None
    tokens: Raw = NONE
    cost: Any = None
    text: Any = None
    synthetic: Any = None
    ignored: Any = None
    tool: Any = None
    name: Any = None
    state: Any = None


class Event(Struct, gc=False):
    info: Info | None = None
    part: Part | None = None


class _LooseEvent(Struct, gc=False):
    info: dict[str, Any] | None = None
    part: dict[str, Any] | None = None


class SessionFile(Struct, gc=False):
    """`storage/session/<project>/<id>.json`; the columns of a `session` row are made into one."""

    id: Any = None
    parentID: Any = None
    directory: Any = None
    title: Any = None
    version: Any = None
    time: Any = None
    fork: Any = None
    """What a row names as its source: {"boundary": …}."""


class Session(NamedTuple):
    """What is used of a session. `root` is the session that started it, through all levels; itself for most."""

    id: str
    root: str
    directory: str | None
    title: str | None
    version: str | None
    created: int | None
    updated: int | None
    boundary: int | None = None
    """The last `seq` that a fork copied, where the row tells."""
    child: bool = False
    """Begun by another session, even if that one is gone: what stands in it the agent wrote."""


class Counts(NamedTuple):
    """Disjoint kinds; `reasoning` is part of `output`, None where the record does not tell it apart."""

    input: int
    output: int
    cache_read: int
    cache_write: int
    reasoning: int | None
    derived: bool = False

    @property
    def total(self) -> int:
        return self.input + self.output + self.cache_read + self.cache_write

    @property
    def possible(self) -> bool:
        return max(self.input, self.output, self.cache_read, self.cache_write) <= TOO_MANY


part = msgspec.json.Decoder(Part).decode
session_file = msgspec.json.Decoder(SessionFile).decode
parts = msgspec.json.Decoder(list[Part]).decode
_info = msgspec.json.Decoder(Info).decode
_event = msgspec.json.Decoder(Event).decode
_tokens = msgspec.json.Decoder(Tokens | None).decode
_object = msgspec.json.Decoder(dict[str, Any]).decode
_loose_event = msgspec.json.Decoder(_LooseEvent).decode
NOT_A_RECORD = NOT_TYPED


def info(data: bytes) -> Info:
    """Raises one of `NOT_A_RECORD` for what is no object."""
    try:
        return _info(data)
    except NOT_TYPED:
        return fit(_object(data), Info)


def event(data: bytes) -> Event:
    """Raises one of `NOT_A_RECORD` for what is no object."""
    try:
        return _event(data)
    except NOT_TYPED:
        told = _loose_event(data)
        return Event(
            info=None if told.info is None else fit(told.info, Info),
            part=None if told.part is None else fit(told.part, Part),
        )


# ------------------------------------------------------------------------------------------------------------- values


def text(value: object) -> str | None:
    """A text that is not empty. A half surrogate pair, which no store takes, is replaced."""
    if not isinstance(value, str) or not value:
        return None
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


def name(value: object) -> str | None:
    """An id, a model, a version: what is kept as it was written, so a longer text is none."""
    if type(value) is str and 0 < len(value) <= LONGEST_NAME and value.isascii():  # as almost all are
        return value
    return text(value) if isinstance(value, str) and len(value) <= LONGEST_NAME else None


def folder(value: object) -> str | None:
    return text(value) if isinstance(value, str) and len(value) <= LONGEST_FOLDER else None


def item(value: object, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def moment(value: object) -> int | None:
    """UTC milliseconds, between 1970 and the year 5000."""
    if type(value) is int and 0 < value < 10**14:
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value < 1e14:
        return None
    return int(value)


def created(message: Info) -> int | None:
    return None if message.time is None else _whole(message.time.created)


def completed(message: Info) -> int | None:
    return None if message.time is None else _whole(message.time.completed)


def _whole(told: int | float | None) -> int | None:
    return told if type(told) is int else moment(told)


def model(message: Info) -> str | None:
    told = message.model
    return message.modelID or (told and (told.id or told.modelID)) or None


def provider(message: Info) -> str | None:
    return message.providerID or (message.model and message.model.providerID) or None


def title(value: object) -> str | None:
    """A session's name; None for the one it has until the first answer."""
    found = text(value)
    return None if found is None or _PLACEHOLDER.match(found) else found


def micro_dollars(value: object) -> int | None:
    """What opencode itself reckoned. 0 stays 0: a subscription, a free model or an unknown one, never "worth nothing"."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < TOO_MANY:
        return None
    return round(value * 1_000_000)


# ------------------------------------------------------------------------------------------------------------- tokens


NO_CACHE = Cache()


class Faults(list[str]):
    """What was wrong with the counters of a record."""


def tokens(raw: Raw, faults: Faults) -> Tokens | None:
    """The counters of a message or a step, as told; None where there are none or their shape is not known."""
    try:
        return _tokens(raw) if raw else None
    except NOT_TYPED:
        return _odd_tokens(raw, faults)


def counts(tokens: Tokens | None, version: str | None, new: bool) -> Counts | None:
    """What counters tell; None where nothing is told.

    `new`: of a record of the second SQLite storage, where reasoning has always stood beside the output.
    """
    if tokens is None:
        return None
    inp, out, reasoning, whole = tokens.input, tokens.output, tokens.reasoning, tokens.total
    read, write = (None, None) if tokens.cache is None else (tokens.cache.read, tokens.cache.write)
    if inp is None and out is None and read is None and write is None and not whole:
        return None
    inp, out, read, write = inp or 0, out or 0, read or 0, write or 0
    if whole and not (inp or out or read or write or reasoning):
        return Counts(0, whole, 0, 0, None, derived=True)
    if reasoning and (reasoning > out or not _inclusive(inp + read + write, out, reasoning, whole, version, new)):
        out += reasoning
    return Counts(inp, out, read, write, reasoning)


def _inclusive(prompt: int, out: int, reasoning: int, whole: int | None, version: str | None, new: bool) -> bool:
    """Whether the output holds the reasoning. The sum proves it; else the version that made the session, else its age."""
    if whole == prompt + out + reasoning or new:
        return False
    if whole == prompt + out:
        return True
    known = _VERSION.match(version or "")
    number = tuple(map(int, known.groups())) if known else (0, 0, 0)
    if number > (0, 0, 0):  # a build of one's own calls itself 0.0.0
        return number <= LAST_INCLUSIVE
    return whole is None  # sums are written since about 1.1.60


def summed(steps: Iterable[Counts]) -> Counts | None:
    total: Counts | None = None
    for step in steps:
        total = step if total is None else _add(total, step)
    return total


def _add(a: Counts, b: Counts) -> Counts:
    if a.reasoning is None or b.reasoning is None:
        reasoning = b.reasoning if a.reasoning is None else a.reasoning
    else:
        reasoning = a.reasoning + b.reasoning
    return Counts(
        a.input + b.input, a.output + b.output, a.cache_read + b.cache_read, a.cache_write + b.cache_write,
        reasoning, a.derived or b.derived,
    )  # fmt: skip


def _odd_tokens(raw: Raw, faults: Faults) -> Tokens | None:
    """Counters of which one at least is no number of tokens."""
    try:
        told = msgspec.json.decode(raw)
    except NOT_TYPED:
        faults.append("its counters cannot be read")
        return None
    if not isinstance(told, dict):
        return None
    inp, out, reasoning, whole = (
        _odd_count(told.get(name), faults) for name in ("input", "output", "reasoning", "total")
    )
    found = Tokens(inp, out, reasoning, whole)
    if isinstance(cache := told.get("cache"), dict):
        found.cache = Cache(_odd_count(cache.get("read"), faults), _odd_count(cache.get("write"), faults))
    return found


def _odd_count(value: object, faults: Faults) -> int | None:
    if value is None:
        return None
    try:
        number = int(float(value)) if isinstance(value, int | float | str) and not isinstance(value, bool) else -1
    except (ValueError, OverflowError):
        number = -1
    if 0 <= number <= TOO_MANY:
        return number
    faults.append("a counter is no number")
    return 0


def as_logged(message: Info, steps: Iterable[Part]) -> dict[str, object]:
    """The counters of a message and of its steps, as they were written."""
    told = _as_logged(message)
    found = [_as_logged(step) for step in steps if step.type == "step-finish"]
    return told | {"steps": found} if found else told


def _as_logged(record: Info | Part) -> dict[str, object]:
    try:
        return {"tokens": msgspec.json.decode(record.tokens or b"null"), "cost": record.cost}
    except NOT_TYPED:
        return {"tokens": None, "cost": record.cost}
