"""A model that costs nothing: answers on this machine as a prompt tells it to, with figures that it notes.

    python stub.py FOLDER      prints its port; writes FOLDER/truth.jsonl, one line an answer

It speaks as much of Anthropic's Messages and of OpenAI's Responses as coding agents need. A prompt says what is played:

    PLAY(run ls | say | slow 5)

One step for each answer since that prompt: `run COMMAND` asks for the shell, `say` only talks, `slow SECONDS` talks slowly.
Requests without tools (titles and the like) get a short answer that is noted as an aside: agents keep those in no log.
"""

from __future__ import annotations

import itertools
import json
import re
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PLAY = re.compile(r"PLAY\(([^()]*)\)")
SHELLS = ("Bash", "bash", "exec_command", "shell_command", "shell")
WORDS = "The retry waits longer now and gives up after five tries; the change is small and its tests pass.".split()


def figures(number: int, aside: bool) -> dict[str, int]:
    """The tokens of the n-th answer: no two answers have any in common, and no sum of some looks like another."""
    if aside:
        return {
            "input": 101 + number,
            "output": 11,
            "reasoning": 0,
            "cache_read": 0,
            "cache_write_5m": 0,
            "cache_write_1h": 0,
        }
    return {
        "input": 1009 + 17 * number,
        "output": 211 + 7 * number,
        "reasoning": 31 + number,
        "cache_read": 5003 + 101 * number,
        "cache_write_5m": 307 + 11 * number,
        "cache_write_1h": 103 + 3 * number,
    }


class Script:
    """What a request wants: the step of the last prompt that is played, and the shell that the agent offers."""

    def __init__(self, turns: list[tuple[str, str]], tools: dict[str, dict[str, Any]]) -> None:
        told = [index for index, (role, text) in enumerate(turns) if role == "user" and PLAY.search(text)]
        self.shell = next((name for name in SHELLS if name in tools), None)
        self.aside = not told or not tools
        self.step = "say"
        if not self.aside:
            steps = PLAY.findall(turns[told[-1]][1])[-1].split("|")
            done = sum(role == "assistant" for role, _ in turns[told[-1] + 1 :])
            self.step = steps[min(done, len(steps) - 1)].strip()
        self.call = (
            _arguments(tools[self.shell], self.step[4:]) if self.shell and self.step.startswith("run ") else None
        )
        self.seconds = float(self.step[5:]) if self.step.startswith("slow ") else 0.0


def _arguments(schema: dict[str, Any], command: str) -> dict[str, Any]:
    """The shell's arguments, whatever the agent calls them."""
    known = schema.get("properties") or {}
    given: dict[str, Any] = {name: command for name in ("command", "cmd") if name in known}
    if (known.get("command") or {}).get("type") == "array":
        given["command"] = ["bash", "-lc", command]
    return given | {name: "a look around" for name in schema.get("required") or () if name not in given}


def text_of(content: object) -> str:
    if isinstance(content, list):
        return "\n".join(text_of(part) for part in content)
    if isinstance(content, dict):
        return text_of(content.get("text") or "")
    return content if isinstance(content, str) else ""


def script_of_messages(body: dict[str, Any]) -> Script:
    turns = [(message["role"], text_of(message.get("content"))) for message in body.get("messages", ())]
    return Script(turns, {tool["name"]: tool.get("input_schema") or {} for tool in body.get("tools") or ()})


def script_of_responses(body: dict[str, Any]) -> Script:
    """Several items in a row may be one answer: reasoning, text and calls."""
    turns: list[tuple[str, str]] = []
    told = body.get("input") or []
    for entry in [{"role": "user", "content": told}] if isinstance(told, str) else told:
        kind = entry.get("type", "message")
        spoken = kind in ("reasoning", "function_call", "custom_tool_call")
        role = entry.get("role", "user") if kind == "message" else "assistant" if spoken else "tool"
        if not (role == "assistant" and turns and turns[-1][0] == "assistant"):
            turns.append((role, text_of(entry.get("content"))))
    tools = {tool["name"]: tool.get("parameters") or {} for tool in body.get("tools") or () if "name" in tool}
    return Script(turns, tools)


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    truth: Path
    numbers = itertools.count(1)
    noting = threading.Lock()

    def log_message(self, *_arguments: object) -> None:
        """The truth is what is noted."""

    def note(self, **told: Any) -> None:
        with self.noting, self.truth.open("a", encoding="utf-8") as file:
            file.write(json.dumps(told) + "\n")

    # what is asked ----------------------------------------------------------------------------------------------------

    def do_GET(self) -> None:
        if self.headers.get("upgrade"):
            self.plain(426, {"error": {"message": "no websockets here"}})
        else:
            self.plain(200, {"object": "list", "data": [], "models": [], "has_more": False})

    do_HEAD = do_GET  # noqa: N815

    def do_POST(self) -> None:
        body = self.body()
        path = self.path.partition("?")[0]
        try:
            if path.endswith("/count_tokens"):
                self.plain(200, {"input_tokens": 1009})
            elif path.endswith("/messages"):
                self.play(script_of_messages(body), body, self.as_messages)
            elif path.endswith("/responses"):
                self.play(script_of_responses(body), body, self.as_responses)
            else:
                self.plain(404, {"error": {"type": "not_found_error", "message": "nothing here"}})
        except ConnectionError:  # the agent was killed
            self.close_connection = True

    def body(self) -> dict[str, Any]:
        if "chunked" in (self.headers.get("transfer-encoding") or ""):
            data = b""
            while size := int(self.rfile.readline().strip() or b"0", 16):
                data += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            data = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.headers.get("content-encoding") == "zstd":
            import zstandard

            data = zstandard.ZstdDecompressor().decompressobj().decompress(data)
        try:
            value = json.loads(data or b"{}")
        except ValueError:
            value = {}
        return value if isinstance(value, dict) else {}

    def play(self, script: Script, body: dict[str, Any], speak: Any) -> None:
        number = next(self.numbers)
        spent = figures(number, script.aside)
        told = {"number": number, "model": body.get("model"), "step": script.step, "aside": script.aside}
        self.note(**told, begun=True)
        speak(script, number, spent, str(body.get("model")), bool(body.get("stream")))
        self.note(**told, spent=spent)

    # how it is said ---------------------------------------------------------------------------------------------------

    def plain(self, status: int, value: object) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def stream(self, events: Iterator[dict[str, Any]]) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for event in events:
            data = f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def as_messages(self, script: Script, number: int, spent: dict[str, int], model: str, stream: bool) -> None:
        """Anthropic's form tells no reasoning apart."""
        spent["reasoning"] = 0
        usage = {
            "input_tokens": spent["input"],
            "cache_read_input_tokens": spent["cache_read"],
            "cache_creation_input_tokens": spent["cache_write_5m"] + spent["cache_write_1h"],
            "cache_creation": {
                "ephemeral_5m_input_tokens": spent["cache_write_5m"],
                "ephemeral_1h_input_tokens": spent["cache_write_1h"],
            },
            "output_tokens": spent["output"],
        }
        message = {
            "id": f"msg_01Played{number:08d}", "type": "message", "role": "assistant", "model": model, "content": [],
            "stop_reason": None, "stop_sequence": None, "usage": usage | {"output_tokens": 2},
        }  # fmt: skip
        blocks: list[dict[str, Any]] = [{"type": "text", "text": " ".join(WORDS)}]
        if script.call is not None:
            blocks.append(
                {"type": "tool_use", "id": f"toolu_01Played{number:08d}", "name": script.shell, "input": script.call}
            )
        stop = "tool_use" if script.call is not None else "end_turn"
        if stream:
            self.stream(_message_events(message, blocks, usage, stop, script.seconds))
        else:
            self.plain(200, message | {"content": blocks, "stop_reason": stop, "usage": usage})

    def as_responses(self, script: Script, number: int, spent: dict[str, int], model: str, stream: bool) -> None:
        """OpenAI's form: input holds what was cached, output holds reasoning, and cache writes cost nothing."""
        spent["cache_write_5m"] = spent["cache_write_1h"] = 0
        whole = spent["input"] + spent["cache_read"]
        usage = {
            "input_tokens": whole,
            "input_tokens_details": {"cached_tokens": spent["cache_read"]},
            "output_tokens": spent["output"],
            "output_tokens_details": {"reasoning_tokens": spent["reasoning"]},
            "total_tokens": whole + spent["output"],
        }
        said = {"type": "output_text", "text": " ".join(WORDS), "annotations": []}
        items: list[dict[str, Any]] = [
            {"id": f"msg_{number}", "type": "message", "status": "completed", "role": "assistant", "content": [said]}
        ]
        if script.call is not None:
            call = {"id": f"fc_{number}", "type": "function_call", "status": "completed", "call_id": f"call_{number}"}
            items.append(call | {"name": script.shell, "arguments": json.dumps(script.call)})
        response = {
            "id": f"resp_played{number:08d}", "object": "response", "created_at": int(time.time()), "model": model,
            "status": "in_progress", "output": [], "usage": None,
        }  # fmt: skip
        done = response | {"status": "completed", "output": items, "usage": usage}
        if stream:
            self.stream(_response_events(response, done, script.seconds))
        else:
            self.plain(200, done)


def _paced(seconds: float) -> Iterator[str]:
    for index, word in enumerate(WORDS):
        time.sleep(seconds / len(WORDS))
        yield word if index == 0 else f" {word}"


def _message_events(
    message: dict[str, Any], blocks: list[dict[str, Any]], usage: dict[str, Any], stop: str, seconds: float
) -> Iterator[dict[str, Any]]:
    yield {"type": "message_start", "message": message}
    for index, block in enumerate(blocks):
        empty = {"type": "text", "text": ""} if block["type"] == "text" else block | {"input": {}}
        yield {"type": "content_block_start", "index": index, "content_block": empty}
        if block["type"] == "text":
            for word in _paced(seconds):
                yield {"type": "content_block_delta", "index": index, "delta": {"type": "text_delta", "text": word}}
        else:
            delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    yield {"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": None}, "usage": usage}
    yield {"type": "message_stop"}


def _response_events(response: dict[str, Any], done: dict[str, Any], seconds: float) -> Iterator[dict[str, Any]]:
    numbers = itertools.count()

    def event(kind: str, **fields: Any) -> dict[str, Any]:
        return {"type": f"response.{kind}", "sequence_number": next(numbers)} | fields

    yield event("created", response=response)
    for index, item in enumerate(done["output"]):
        begun = item | ({"content": []} if item["type"] == "message" else {"arguments": ""}) | {"status": "in_progress"}
        yield event("output_item.added", output_index=index, item=begun)
        if item["type"] == "message":
            place = {"item_id": item["id"], "output_index": index, "content_index": 0}
            yield event("content_part.added", **place, part={"type": "output_text", "text": "", "annotations": []})
            for word in _paced(seconds):
                yield event("output_text.delta", **place, delta=word)
            yield event("output_text.done", **place, text=item["content"][0]["text"])
            yield event("content_part.done", **place, part=item["content"][0])
        else:
            yield event(
                "function_call_arguments.done", item_id=item["id"], output_index=index, arguments=item["arguments"]
            )
        yield event("output_item.done", output_index=index, item=item)
    yield event("completed", response=done)


class Server(ThreadingHTTPServer):
    daemon_threads = True


def main() -> None:
    Answer.truth = Path(sys.argv[1], "truth.jsonl")
    server = Server(("127.0.0.1", 0), Answer)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
