"""What the words of a Codex log tell: the person's prompts, the thread's name, and what commands print of commits."""

from __future__ import annotations

import json
from collections.abc import Callable

import msgspec

from tokentrack.agents import marks
from tokentrack.agents.codex_prompts import prompt_text
from tokentrack.agents.codex_records import Event, Line, ResponseItem
from tokentrack.agents.codex_standing import Standing
from tokentrack.agents.reading import read_as
from tokentrack.agents.values import short
from tokentrack.model.logs import Mark, Title, Turn


class Words:
    """The turns, titles and marks of one read."""

    def __init__(self, here: Standing) -> None:
        self.here = here
        self.state = here.state
        self.turns: dict[str, Turn] = {}
        self.titles: dict[str, Title] = {}
        self.marks: dict[Mark, None] = {}

    # ------------------------------------------------------------------------------------------ events

    def on_user_message(self, event: Event) -> None:
        self.prompt(event.message or "", event.turn_id)

    def on_item(self, event: Event) -> None:
        item = event.item
        if item is None:
            return
        if item.type == "UserMessage":
            texts = [part.text for part in item.content or () if part.text]
            self.prompt("\n".join(texts), event.turn_id)
        elif item.type == "CommandExecution" and marks.makes_commits(bytes(item.command)):
            self.output(item.aggregated_output or "")

    def on_exec_end(self, event: Event) -> None:
        if marks.makes_commits(bytes(event.command)):
            self.output(event.aggregated_output or "")

    def on_named(self, event: Event) -> None:
        if event.thread_name is not None and event.thread_id in (None, self.state.lineage.thread):
            self.titles["custom"] = Title("custom", self.here.offset, short(event.thread_name))

    # ------------------------------------------------------------------------------------------ prompts

    def prompt(self, told: str, turn: str | None) -> None:
        """A prompt begins a turn; one typed while the agent works belongs to the running turn."""
        text = prompt_text(told)
        if text is None or self.state.lineage.subagent:
            return
        turn = turn or self.state.turn or self.here.place
        if turn not in self.state.prompted:
            self.state.prompted.append(turn)
            self.turns[turn] = Turn(turn, self.here.at, self.here.offset, None)
        if text:
            self.titles.setdefault("prompt", Title("prompt", self.here.offset, short(text)))
            self.mark(text, "prompt")

    # ------------------------------------------------------------------------------------------ tools and marks

    def on_response_item(self, record: Line) -> None:
        raw = bytes(record.payload)
        makes = marks.makes_commits(raw)
        item = read_as(record.payload, ResponseItem) if makes or self.state.calls else None
        if item is None or not item.call_id:
            return
        printed = (item.type or "").endswith("_output")
        if not (item.call_id in self.state.calls if printed else makes) or self.here.inherits(record.ordinal):
            return
        if printed:
            self.output(_plain(item.output))
        else:
            self.state.calls.append(item.call_id)

    def output(self, text: str) -> None:
        """What a command printed that makes commits or pull requests; logs tell it twice."""
        for sha, subject in marks.commits(text):
            if self.once("commit", sha):
                self.marks[Mark(self.here.at, "commit", sha, "output")] = None
                self.mark(subject, "commit")
        for branch in marks.branches(text):  # the log itself tells a branch only at its beginning
            self.state.branch = branch
        for kind, value in marks.find(text):
            if kind == "url" and self.once("url", value):
                self.marks[Mark(self.here.at, kind, value, "output")] = None

    def once(self, kind: str, value: str) -> bool:
        name = f"{kind} {value}"
        if name in self.state.marked:
            return False
        self.state.marked.append(name)
        return True

    def mark(self, text: str, source: str) -> None:
        for kind, value in marks.find(text):
            self.marks[Mark(self.here.at, kind, value, source)] = None

    def forked(self, source: str) -> None:
        """The thread goes on from another one."""
        self.marks[Mark(self.here.at, "session", source, "fork")] = None


EVENTS: dict[str, Callable[[Words, Event], None]] = {
    "user_message": Words.on_user_message,
    "item_completed": Words.on_item,
    "exec_command_end": Words.on_exec_end,
    "thread_name_updated": Words.on_named,
}
"""What is read of events, but for totals and settings."""


def _plain(output: msgspec.Raw) -> str:
    """What a tool printed: a text, a text that holds JSON, or parts of text."""
    try:
        value = json.loads(bytes(output) or b"null")
        if isinstance(value, str) and value.startswith("{"):
            value = json.loads(value)
    except (ValueError, RecursionError):
        pass
    if isinstance(value, dict):
        value = value.get("output") or value.get("content")
    if isinstance(value, list):
        value = "\n".join(str(part.get("text", "")) for part in value if isinstance(part, dict))
    return value if isinstance(value, str) else ""
