"""What of a Codex log the person typed, without what editors and the program wrap around it."""

from __future__ import annotations

INJECTED = (
    "<environment_context>",
    "<user_instructions>",
    "<INSTRUCTIONS>",
    "<turn_aborted>",
    "<subagent_notification>",
    "<user_shell_command>",
    "<skill>",
    "<permissions",
    "# AGENTS.md instructions",
)
"""How texts begin that the program puts into the conversation by itself."""
REQUEST = "## My request for Codex:"
"""Where the person's own words begin below what an editor tells of open files."""


def prompt_text(text: str) -> str | None:
    """The person's own words, "" for a prompt without text (an image), None for what the person did not type."""
    text = text.strip()
    if text.startswith(INJECTED):
        return None
    if text.startswith("# Context from my IDE") and REQUEST in text:
        return text.partition(REQUEST)[2].strip()
    return text
