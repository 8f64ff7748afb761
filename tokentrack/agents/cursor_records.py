"""The records of Cursor: conversations, their bubbles (pieces of messages) and what of them counts, typed loosely.

Fields may be missing, null, or of another type than expected: what does not fit is None, and never a reason to stop. What is
not named here is skipped unread, and of what is named only ids, names, times, counters and marks are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw, Struct

from tokentrack.agents.reading import LONGEST_FOLDER, LONGEST_NAME, NOT_TYPED, fit, read_as
from tokentrack.agents.values import TOO_MANY, parse_time

PERSON, ASSISTANT = 1, 2
"""`type` of a bubble."""
TERMINALS = ("run_terminal_cmd", "run_terminal_command", "run_terminal_command_v2", "Shell", "shell")
MOST_COUNTED = TOO_MANY


class Bubble(Struct, gc=False):
    bubbleId: Any = None
    type: Any = None
    text: Any = None
    createdAt: Any = None
    tokenCount: Any = None
    modelInfo: Any = None
    requestId: Any = None
    usageUuid: Any = None
    generationUUID: Any = None
    timingInfo: Any = None
    toolFormerData: Raw = Raw(b"")


class Tool(Struct, gc=False):
    name: Any = None
    params: Any = None
    rawArgs: Any = None
    result: Any = None


class Composer(Struct, gc=False):
    """`composerData:<id>`; before it was split, the bubbles stood in `conversation`."""

    composerId: Any = None
    name: Any = None
    subtitle: Any = None
    createdAt: Any = None
    lastUpdatedAt: Any = None
    modelConfig: Any = None
    fullConversationHeadersOnly: Any = None
    conversation: Raw = Raw(b"")
    conversationMap: Raw = Raw(b"")
    subagentComposerIds: Any = None
    subagentInfo: Any = None
    workspaceIdentifier: Any = None
    trackedGitRepos: Any = None
    createdOnBranch: Any = None


class Counts(NamedTuple):
    input: int
    output: int


class Faults(list[str]):
    """Reasons why counters of a record were not used."""


def record(data: bytes, kind: type[Any]) -> Any:
    """A value of the database as this type, as far as it fits; None where it is no JSON object."""
    try:
        return msgspec.json.decode(data, type=kind)
    except NOT_TYPED:
        return read_as(Raw(data), kind) if data.strip() else None


def inline(composer: Composer) -> list[Bubble]:
    """The bubbles that old versions kept inside the conversation."""
    found: dict[str, Bubble] = {}
    try:
        listed = msgspec.json.decode(composer.conversation) if composer.conversation else []
        mapped = msgspec.json.decode(composer.conversationMap) if composer.conversationMap else {}
    except NOT_TYPED:
        return []
    values = listed if isinstance(listed, list) else []
    values = values + (list(mapped.items()) if isinstance(mapped, dict) else [])
    for place, value in enumerate(values):
        named, value = value if isinstance(value, tuple) else (None, value)
        if isinstance(value, dict):
            bubble = fit(value, Bubble)
            bubble.bubbleId = name(bubble.bubbleId) or named or f"#{place}"
            found.setdefault(bubble.bubbleId, bubble)
    return list(found.values())


def headers(composer: Composer) -> list[str]:
    """The bubbles' ids in the conversation's order."""
    listed = composer.fullConversationHeadersOnly
    found = (
        [name(entry.get("bubbleId")) for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    )
    return list(dict.fromkeys(one for one in found if one))


# ----------------------------------------------------------------------------------------------------------- single values


def item(value: object, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def name(value: object, longest: int = LONGEST_NAME) -> str | None:
    """A name as it was written; a text that is far too long for one is none."""
    if not isinstance(value, str) or not value.strip() or len(value) > longest:
        return None
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


def text(value: object) -> str | None:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) and value.strip() else None


def moment(value: object) -> int | None:
    """A time as text or number, or as a number that was written as text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < 20:
        value = int(value)
    return parse_time(value)


def told_at(bubble: Bubble) -> int | None:
    """When a bubble was made; older versions only timed the calls."""
    timing = bubble.timingInfo
    for value in (bubble.createdAt, item(timing, "clientRpcSendTime"), item(timing, "clientEndTime")):
        found = moment(value)
        if found is not None and found > 10**11:  # times since the program began stand in the same fields
            return found
    return None


def model(value: object) -> str | None:
    """The name in a `modelInfo` or `modelConfig`; `default` stands for a choice that is recorded nowhere."""
    return name(item(value, "modelName"))


def counter(value: object, label: str, faults: Faults) -> int:
    """A counter as written: a whole number, perhaps as text. What cannot be one is told and counts as nothing told."""
    if value is None or value == "":
        return 0
    if isinstance(value, str) and re.fullmatch(r"\s*[\d,]{1,20}\s*", value, re.ASCII):
        value = int(value.replace(",", ""))
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if type(value) is not int or not 0 <= value <= MOST_COUNTED:
        faults.append(f"{label} is no count of tokens")
        return 0
    return value


def counts(bubble: Bubble, faults: Faults) -> Counts | None:
    """The tokens of a turn, which its last bubble holds; None where there are none, as in every version from 3.0 on."""
    told = bubble.tokenCount
    if not isinstance(told, dict) or not (told.get("inputTokens") or told.get("outputTokens")):
        return None
    found = Counts(
        counter(item(told, "inputTokens"), "inputTokens", faults),
        counter(item(told, "outputTokens"), "outputTokens", faults),
    )
    return found if found.input or found.output else None


def generation(bubble: Bubble) -> str | None:
    """The turn's id, which the `stop` hook is told as well."""
    return name(bubble.usageUuid) or name(bubble.requestId)


def generations(bubble: Bubble, asked: Bubble | None) -> list[str]:
    """Every id by which the hook may know a turn: those of a bubble and of the prompt it answers."""
    told = [(one.usageUuid, one.requestId, one.generationUUID) for one in (bubble, asked) if one is not None]
    return sorted({found for ids in told for value in ids if (found := name(value)) and "\x1f" not in found})


def command(bubble: Bubble) -> tuple[str, str] | None:
    """(command, output) of a bubble that ran a command in a terminal."""
    raw = bytes(bubble.toolFormerData)
    if not raw or not any(terminal.encode() in raw for terminal in TERMINALS):
        return None
    tool = read_as(Raw(raw), Tool)
    if tool is None or tool.name not in TERMINALS:
        return None
    given = text(item(_inner(tool.params), "command")) or text(item(_inner(tool.rawArgs), "command"))
    result = _inner(tool.result)
    said = text(item(result, "output")) or text(item(result, "contents")) or text(tool.result)
    return (given, said) if given and said else None


def _inner(value: object) -> object:
    """Parameters and results are JSON inside of a text."""
    if not isinstance(value, str):
        return value
    try:
        return msgspec.json.decode(value)
    except NOT_TYPED:
        return None


# ----------------------------------------------------------------------------------------------------------------- folders


def folder_of(uri: object) -> str | None:
    """The folder that a workspace's address names: on this machine or, as it is called there, on another one."""
    if isinstance(uri, dict):
        return folder_of(uri.get("fsPath") or uri.get("external") or uri.get("path"))
    address = name(uri, LONGEST_FOLDER)
    if address is None:
        return None
    if "://" not in address:
        return address
    from urllib.parse import unquote, urlsplit  # 2 ms that only old workspaces take

    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    path = unquote(parts.path, errors="replace")
    if re.match(r"/[A-Za-z]:", path):  # file:///c%3A/work
        path = path[1:]
    return path or None


def workspace_folder(identifier: object) -> str | None:
    """The folder in a conversation's `workspaceIdentifier`; of a workspace of several folders the file that lists them."""
    found = folder_of(item(identifier, "uri")) or folder_of(item(identifier, "folder"))
    return found or _beside(folder_of(item(identifier, "configPath")))


def _beside(workspace_file: str | None) -> str | None:
    return re.split(r"[\\/](?=[^\\/]*$)", workspace_file)[0] or None if workspace_file else None


def folder_in(workspace_json: bytes) -> str | None:
    """The folder that `workspaceStorage/<hash>/workspace.json` names."""
    try:
        told = msgspec.json.decode(workspace_json)
    except NOT_TYPED:
        return None
    return folder_of(item(told, "folder")) or _beside(folder_of(item(told, "workspace")))


# ----------------------------------------------------------------------------------------------------------------- prompts

_QUERY = re.compile(r"<user_query>\s*(.*?)\s*(?:</user_query>|\Z)", re.DOTALL)
_STAMP = re.compile(r"<timestamp>\s*(.*?)\s*</timestamp>", re.DOTALL)


def prompt_words(words: str) -> str:
    """What the person wrote, without what Cursor puts around it."""
    found = _QUERY.search(words)
    return found[1] if found else _STAMP.sub("", words).strip()


def stamped_at(words: str) -> int | None:
    """The time that Cursor writes before a prompt in a transcript, where it is one that can be read for sure."""
    found = _STAMP.search(words)
    return moment(found[1]) if found else None


def entries(value: object) -> Iterator[dict[str, Any]]:
    """The conversations that a list of them names (`composer.composerData`, `composer.composerHeaders`)."""
    listed = item(value, "allComposers")
    if isinstance(listed, list):
        yield from (entry for entry in listed if isinstance(entry, dict))
