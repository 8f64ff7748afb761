"""Which `user` records are prompts by the person, and what they say without the program's own wrapping."""

from __future__ import annotations

import re

from tokentrack.agents.claude_records import Block

INJECTED = (
    "<local-command-",
    "<system-reminder>",
    "<task-notification>",
    "<bash-input>",
    "<bash-stdout>",
    "<bash-stderr>",
    "Caveat:",
    "Stop hook feedback:",
    "[Request interrupted",
    "This session is being continued",
)
"""How texts begin that the program puts into the conversation by itself."""

LOCAL = frozenset(
    "add-dir agents bashes bug clear color compact config context copy cost doctor effort exit export extra-usage fast feedback "
    "help hooks ide install-github-app keybindings login logout mcp memory mobile model output-style permissions plugin "
    "privacy-settings quit rate-limit-options release-notes reload-plugins remote-control remote-env rename resume rewind "
    "sandbox skills stats status statusline tasks terminal-setup theme upgrade usage vim".split()
)
"""Slash commands that the program answers itself."""

_ENVELOPE = re.compile(r"<(ide_opened_file|ide_selection|ide_diagnostics|system-reminder)>.*?</\1>\s*", re.DOTALL)
_COMMAND = re.compile(r"<command-name>\s*/?([^<]*?)\s*</command-name>")
_ARGUMENTS = re.compile(r"<command-args>(.*?)</command-args>", re.DOTALL)


def prompt_text(content: str | list[Block] | None) -> str | None:
    """The person's own words, "" for a prompt without text (an image), None for what the person did not type."""
    if content is None:
        return None
    if isinstance(content, str):
        return _typed(content)
    for block in content:
        if block.type != "tool_result":
            break
    else:
        return None
    return _typed("\n".join(block.text for block in content if block.type == "text" and block.text))


def _typed(text: str) -> str | None:
    text = _ENVELOPE.sub("", text).strip() if "<" in text else text.strip()
    if text.startswith(("<command-name>", "<command-message>")):
        return _command(text)
    return None if text.startswith(INJECTED) else text


def _command(text: str) -> str | None:
    name = _COMMAND.search(text)
    if name is None or name[1] in LOCAL:
        return None
    arguments = _ARGUMENTS.search(text)
    return f"/{name[1]} {arguments[1].strip() if arguments else ''}".strip()


def renamed_to(content: str) -> str | None:
    """The new title in a `/rename` command ("" takes the title away), None in any other."""
    name = _COMMAND.search(content)
    if name is None or name[1] != "rename":
        return None
    arguments = _ARGUMENTS.search(content)
    return arguments[1].strip() if arguments else ""
