"""The stub does what a prompt tells it to: else the real agents' tests would prove nothing."""

from __future__ import annotations

from typing import Any

import pytest
from real_agents.stub import (
    WORDS,
    _message_events,
    _response_events,
    figures,
    script_of_messages,
    script_of_responses,
)

BASH: dict[str, Any] = {
    "type": "object",
    "properties": {"command": {"type": "string"}},
    "required": ["command", "description"],
}
PROMPT = "Make it wait. PLAY(run ls | slow 3 | say)"


def messages(*answers: str, prompt: str = PROMPT, tools: bool = True) -> dict[str, Any]:
    told: list[dict[str, Any]] = [{"role": "user", "content": [{"type": "text", "text": prompt}]}]
    for words in answers:
        told.append({"role": "assistant", "content": [{"type": "text", "text": words}]})
        told.append({"role": "user", "content": [{"type": "tool_result", "content": "app.py"}]})
    return {"messages": told, "tools": [{"name": "Bash", "input_schema": BASH}] if tools else []}


def responses(*answers: str) -> dict[str, Any]:
    told: list[dict[str, Any]] = [
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": PROMPT}]}
    ]
    for words in answers:
        told += [
            {"type": "reasoning", "summary": []},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": words}]},
            {"type": "function_call", "name": "exec_command", "arguments": "{}"},
            {"type": "function_call_output", "output": "app.py"},
        ]
    return {
        "input": told,
        "tools": [{"name": "exec_command", "parameters": {"properties": {"cmd": {}}, "required": ["cmd"]}}],
    }


@pytest.mark.parametrize(
    ("answers", "step"), [([], "run ls"), (["a"], "slow 3"), (["a", "b"], "say"), (list("abc"), "say")]
)
def test_each_answer_is_the_next_step(answers: list[str], step: str) -> None:
    for script in (script_of_messages(messages(*answers)), script_of_responses(responses(*answers))):
        assert (script.step, script.aside) == (step, False)
        assert script.seconds == (3.0 if step == "slow 3" else 0.0)
        assert (script.call is not None) == (step == "run ls")


def test_the_shell_gets_the_arguments_that_it_asks_for() -> None:
    assert script_of_messages(messages()).call == {"command": "ls", "description": "a look around"}
    assert script_of_responses(responses()).call == {"cmd": "ls"}


def test_a_request_without_tools_or_without_a_prompt_of_ours_is_an_aside() -> None:
    assert script_of_messages(messages(tools=False)).aside
    assert script_of_messages(messages(prompt="Name this session")).aside


def test_no_two_sums_look_alike() -> None:
    sums = [sum(figures(number, False).values()) for number in range(1, 40)]
    pairs = {a + b for index, a in enumerate(sums) for b in sums[index + 1 :]}
    assert len(set(sums)) == len(sums)
    assert not pairs & set(sums)
    assert sum(sums[:12]) < 10**6  # the tray says smaller figures exactly


def test_a_stream_says_all_words_and_ends_with_the_usage() -> None:
    blocks = [
        {"type": "text", "text": " ".join(WORDS)},
        {"type": "tool_use", "id": "t", "name": "Bash", "input": {"a": 1}},
    ]
    events = list(_message_events({"id": "m"}, blocks, {"output_tokens": 7}, "tool_use", 0))
    assert "".join(event["delta"]["text"] for event in events if event.get("delta", {}).get("text")) == " ".join(WORDS)
    assert events[-2]["usage"] == {"output_tokens": 7}
    item = {"id": "i", "type": "message", "content": [{"type": "output_text", "text": " ".join(WORDS)}]}
    events = list(_response_events({"id": "r"}, {"output": [item], "usage": {"output_tokens": 7}}, 0))
    assert "".join(event["delta"] for event in events if "delta" in event) == " ".join(WORDS)
    assert events[-1]["response"]["usage"] == {"output_tokens": 7}
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
