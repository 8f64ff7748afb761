"""What one of Cursor's conversations tells, as a piece for the store: the same for rows, old lists, transcripts and chats.

One conversation may stand in several places (the database, a transcript, a workspace's list). Each tells what it has under
the conversation's id and the store merges them; prompts are numbered, so that the first is the first wherever it stands.

**What counts once.** Three sources hold tokens. A turn's bubble (old versions; input and output only) and the turn's line of
the `stop` hook (all kinds) share one key, the conversation and the turn's id, and the line stands above the bubble; where the
turn has several ids the bubble names them all, and where it has none equal figures at one time tell (`store/twins.py`). The rows
of a usage export are the account's spend, other machines' included: they enter no sum of requests at all, stand beside them,
and are offered to a session only for a turn that has no tokens of its own (`tokentrack/account.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from tokentrack.agents import cursor_records as records
from tokentrack.agents import marks
from tokentrack.agents.cursor_records import Bubble, Composer, Faults
from tokentrack.agents.reading import Problems
from tokentrack.agents.values import better, short
from tokentrack.model.logs import NAMED, Mark, Piece, Request, Title, Turn

BUBBLE, HOOK = 2, 3
"""Standings."""
OWN, UNKNOWN, COPY = 0, 1, 2
NO_TOKENS = "none"
LONGEST_PROMPT = 1 << 20


@dataclass(slots=True)
class Conversation:
    """A conversation as the database has it. `bubbles` are all there are; those in no header were generated anew since."""

    id: str
    composer: Composer
    bubbles: list[Bubble] = field(default_factory=list)
    position: int = 0
    """The number of its row; 0 where it has none."""
    folder: str | None = None
    parent: str | None = None
    shown: list[str] = field(init=False)
    """The ids of its bubbles in their order."""

    def __post_init__(self) -> None:
        self.shown = records.headers(self.composer)


def row_key(conversation: str, bubble: str) -> str:
    return f"{conversation}:{bubble}"


def piece_of(told: Conversation, problems: Problems, otherwise: int | None) -> Piece:
    """`otherwise` is when the log was last written: for a conversation that tells no time at all."""
    composer = told.composer
    timed = _timed(told)
    known = [at for _, at in timed if at is not None]
    told_by = (records.moment(composer.createdAt), records.moment(composer.lastUpdatedAt), *known[:1])
    first_at = min((at for at in told_by if at is not None), default=otherwise)
    children = _names(composer.subagentComposerIds)
    child = told.parent is not None
    found = Piece(
        session=told.parent or told.id,
        requests=_requests(told, timed, problems),
        turns=[],
        titles=[],
        marks=[],
        searches=[],
        first_at=None if child else first_at,
        cwd=None if child else told.folder or records.workspace_folder(composer.workspaceIdentifier),
        aliases=(told.id,) if child else tuple(children),
        tokens_from=NO_TOKENS,
        by_turn=True,
        models=_models(told),
    )
    if not child:
        _add_words(told, timed, found)
    return found


def named_piece(
    native_id: str,
    *,
    title: str | None = None,
    position: int = 0,
    first_at: int | None = None,
    folder: str | None = None,
    models: Iterable[str | None] = (),
    aliases: tuple[str, ...] = (),
) -> Piece:
    """What a list of conversations tells of one: without a time it is a note, which makes no session appear."""
    return Piece(
        session=native_id,
        requests=[],
        turns=[],
        titles=[Title("ai", position, short(title))] if title else [],
        marks=[],
        searches=[],
        first_at=first_at,
        cwd=folder,
        aliases=aliases,
        tokens_from=NO_TOKENS,
        by_turn=True,
        models=tuple(sorted({model for model in models if model})),
    )


def _names(value: object) -> list[str]:
    found = [records.name(entry) for entry in value] if isinstance(value, list) else []
    return list(dict.fromkeys(one for one in found if one))


def parent_of(composer: Composer) -> str | None:
    return records.name(records.item(composer.subagentInfo, "parentComposerId"))


def is_conversation(told: Conversation) -> bool:
    """Not a draft, as most rows are: nothing was ever sent."""
    composer = told.composer
    return (
        bool(told.shown or told.bubbles) or len(composer.conversation) > len(b"[]") or len(composer.conversationMap) > 2
    )


# ------------------------------------------------------------------------------------------------------------------- order


def _timed(told: Conversation) -> list[tuple[Bubble, int | None]]:
    """The bubbles in order with their times. One without takes the time before it, a millisecond on: a third have none.

    Those in no header come last; one of them without a time has the conversation's, whatever else there is by now.
    """
    by_id = {str(bubble.bubbleId): bubble for bubble in told.bubbles}
    listed = [by_id.pop(native_id) for native_id in told.shown if native_id in by_id]
    left = sorted(by_id.values(), key=lambda bubble: (records.told_at(bubble) or 0, str(bubble.bubbleId)))
    begun = last = records.moment(told.composer.createdAt)
    found = []
    for bubble in listed:
        at = records.told_at(bubble)
        if at is None and last is not None:
            at = last + 1
        last = at if at is not None else last
        found.append((bubble, at))
    return found + [(bubble, records.told_at(bubble) or begun) for bubble in left]


def in_order(told: Conversation) -> list[Bubble]:
    return [bubble for bubble, _ in _timed(told)]


def _models(told: Conversation) -> tuple[str, ...]:
    names = {records.model(bubble.modelInfo) for bubble in told.bubbles} | {records.model(told.composer.modelConfig)}
    return tuple(sorted(name for name in names if name))


# ---------------------------------------------------------------------------------------------------------------- requests


def _requests(told: Conversation, timed: list[tuple[Bubble, int | None]], problems: Problems) -> list[Request]:
    """One request for each bubble with tokens, also for those whose answer was generated anew: they were spent."""
    found: dict[str, Request] = {}
    model = standard = records.model(told.composer.modelConfig)
    begun = records.moment(told.composer.createdAt)
    shown, asked = set(told.shown), None
    for bubble, at in timed:
        if str(bubble.bubbleId) not in shown:
            asked = None  # made anew since: nothing tells to which prompt
        elif bubble.type == records.PERSON:
            asked = bubble
        named = records.model(bubble.modelInfo)
        model = named or (standard if bubble.type == records.PERSON else model)
        faults = Faults()
        counted = records.counts(bubble, faults)
        turn = records.generation(bubble)
        key = row_key(told.id, turn) if turn else ""
        if not turn or key in found:  # a turn tells its sum once; more bubbles of it have keys of their own
            key = row_key(told.id, str(bubble.bubbleId))
        for reason in faults:
            problems.tell(position(key), f"{key}: {reason}")
        if counted is None:
            continue
        claim = UNKNOWN if begun is None or records.told_at(bubble) is None else COPY if (at or 0) < begun else OWN
        request = Request(
            key=key,
            at=at,
            model=model,
            input=counted.input,
            output=counted.output,
            cache_read=0,
            cache_write_5m=0,
            cache_write_1h=0,
            reasoning=None,
            web_searches=0,
            variant="",
            recorded_cost=None,
            tokens_from="recorded",
            standing=BUBBLE,
            claim=claim,
            cwd=None,
            branch=records.name(told.composer.createdOnBranch),
            offset=-1,
            twin=NAMED.join(
                [
                    f"{turn} {counted.input} {counted.output}" if turn else "",
                    told.id,
                    *(row_key(told.id, name) for name in records.generations(bubble, asked)),
                ]
            ),
        )
        found[key] = request if key not in found else better(found[key], request)
    return list(found.values())


def position(place: str) -> int:
    """Tells problems of one log apart, whose records have names and no offsets."""
    return -2 - int.from_bytes(hashlib.blake2b(place.encode("utf-8", "replace"), digest_size=6).digest())


# ------------------------------------------------------------------------------------------------------------------- words


def _add_words(told: Conversation, timed: list[tuple[Bubble, int | None]], piece: Piece) -> None:
    """Turns, titles and marks: of the conversation as it is shown, without what was generated anew."""
    shown = set(told.shown)
    noted: dict[Mark, None] = {}
    number = 0
    for bubble, at in timed:
        if shown and str(bubble.bubbleId) not in shown:
            continue
        if bubble.type == records.PERSON:
            add_prompt(piece, noted, number, at, records.text(bubble.text) or "")
            number += 1
        elif (ran := records.command(bubble)) is not None:
            _add_output(noted, at, *ran)
    piece.marks.extend(noted)
    if title := records.text(told.composer.name):
        piece.titles.append(Title("ai", _age_of_name(told), short(title)))


def _age_of_name(told: Conversation) -> int:
    """The newest name is shown. The time of a change is often left as it was, but conversations grow."""
    times = (records.moment(told.composer.createdAt), records.moment(told.composer.lastUpdatedAt))
    return max((at for at in times if at is not None), default=1) + len(told.shown)


def add_prompt(piece: Piece, noted: dict[Mark, None], number: int, at: int | None, words: str) -> None:
    """A prompt by the person, and what it names. Turns are numbered alike in the database and in transcripts."""
    piece.turns.append(Turn(f"{number:06}", at, number, None))
    words = records.prompt_words(words[:LONGEST_PROMPT])
    if words and not any(title.kind == "prompt" for title in piece.titles):
        piece.titles.append(Title("prompt", number, short(words)))
    for kind, value in marks.find(words):
        noted[Mark(at, kind, value, "prompt")] = None


def _add_output(noted: dict[Mark, None], at: int | None, command: str, output: str) -> None:
    """Commits and pull requests that the agent's commands report."""
    if not marks.makes_commits(command.encode("utf-8", "replace")):
        return
    for sha, subject in marks.commits(output):
        noted[Mark(at, "commit", sha, "output")] = None
        for kind, value in marks.find(subject):
            noted[Mark(at, kind, value, "commit")] = None
    for kind, value in marks.find(output):
        if kind == "url":
            noted[Mark(at, kind, value, "output")] = None
