"""Plays sessions of real coding agents, as npm has them today, against the stub: no environment, dummy keys, a scratch home."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trespass
from screen import Running

PACKAGES = {"claude-code": "@anthropic-ai/claude-code", "codex": "@openai/codex", "opencode": "opencode-ai"}
NOWHERE = "http://127.0.0.1:9"
"""Where an agent that looks for the internet is led to."""
KINDS = ("input", "output", "reasoning", "cache_read", "cache_write_5m", "cache_write_1h")


# ---- npm -------------------------------------------------------------------------------------------------------------


def npm(cache: Path, *arguments: str, seconds: float) -> str | None:
    """Runs npm, as this machine has it set up. Returns why it failed, None where it did not."""
    program = shutil.which("npm")
    if program is None:
        return "npm is not installed"
    home = trespass.homes[0]
    own = {"HOME": str(home), "npm_config_cache": str(cache / "npm"), "npm_config_update_notifier": "false"}
    try:
        done = subprocess.run(
            [program, *arguments],
            cwd=cache,
            env=os.environ | own,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        return f"npm {arguments[0]} took more than {seconds:.0f} s"
    return None if done.returncode == 0 else f"npm {arguments[0]} failed: {done.stderr.strip()[-200:]}"


def installed(cache: Path) -> str | None:
    """Installs today's versions of the agents below a folder. Returns why that is not possible."""
    if why := npm(cache, "ping", seconds=30):
        return f"npm's registry is not reachable ({why})"
    quiet = ("--no-audit", "--no-fund", "--no-save", "--ignore-scripts", "--prefix", str(cache))
    return npm(cache, "install", *quiet, *(f"{name}@latest" for name in PACKAGES.values()), seconds=400)


def program(cache: Path, agent: str) -> str:
    """The program for this machine. Codex starts it by a script; the other two would need npm's install scripts for that."""
    modules = cache / "node_modules"
    found = {
        "claude-code": sorted(modules.glob("@anthropic-ai/claude-code-*/claude")),
        "codex": [modules / ".bin/codex"],
        "opencode": sorted(modules.glob("opencode-*-*/bin/opencode")),
    }[agent]
    return str(found[0])


# ---- the stub --------------------------------------------------------------------------------------------------------


@dataclass
class Stub:
    """The model server, a process of its own, and what it noted."""

    folder: Path
    running: Running
    port: int = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True)
        script = Path(__file__).with_name("stub.py")
        output = self.folder / "port"
        # Without the guards of the tests, which forbid every socket: it listens on this machine alone.
        env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        process = self.running.run([sys.executable, str(script), str(self.folder)], env, output)
        while not (told := output.read_text()).endswith("\n"):
            if process.poll() is not None:
                raise RuntimeError(f"the stub did not start: {told}")
        self.port = int(told)

    def notes(self) -> list[dict[str, Any]]:
        file = self.folder / "truth.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def served(self) -> list[dict[str, Any]]:
        """The whole answers that an agent's log keeps."""
        return [note for note in self.notes() if "spent" in note and not note["aside"]]

    def begun(self) -> int:
        return sum("begun" in note and not note["aside"] for note in self.notes())

    def spent(self) -> dict[str, int]:
        """Their sums, and how many they are."""
        answers = [note["spent"] for note in self.served()]
        return {kind: sum(answer[kind] for answer in answers) for kind in KINDS} | {"requests": len(answers)}


# ---- the agents ------------------------------------------------------------------------------------------------------

ENVIRONMENT = {
    "claude-code": {
        "ANTHROPIC_BASE_URL": "http://127.0.0.1:{port}",
        "ANTHROPIC_API_KEY": "sk-dummy",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_TELEMETRY": "1",
        "DISABLE_AUTOUPDATER": "1",
        "DISABLE_ERROR_REPORTING": "1",
        "IS_SANDBOX": "1",
    },
    "codex": {"CODEX_API_KEY": "sk-dummy", "OPENAI_API_KEY": "sk-dummy"},
    "opencode": {
        "OPENCODE_DISABLE_AUTOUPDATE": "1",
        "OPENCODE_DISABLE_MODELS_FETCH": "1",
        "OPENCODE_DISABLE_LSP_DOWNLOAD": "1",
        "OPENCODE_DISABLE_DEFAULT_PLUGINS": "1",
        "OPENCODE_DISABLE_SHARE": "1",
    },
}
CODEX = """\
model = "gpt-5.5"
model_provider = "openai"
openai_base_url = "http://127.0.0.1:{port}/v1"
approval_policy = "never"
sandbox_mode = "danger-full-access"
check_for_update_on_startup = false
[analytics]
enabled = false
[feedback]
enabled = false
"""
FIRST = {
    "claude-code": ("-p", "--dangerously-skip-permissions", "--model", "claude-sonnet-4-5"),
    "codex": ("exec",),
    "opencode": ("run",),
}
RESUMED = {
    "claude-code": (*FIRST["claude-code"], "--continue"),
    "codex": ("exec", "resume", "--last"),
    "opencode": ("run", "--continue"),
}


@dataclass
class Player:
    """One agent in one home folder. Everything started through it ends with the test."""

    agent: str
    program: str
    home: Path
    stub: Stub
    running: Running
    count: int = 0

    def __post_init__(self) -> None:
        self.repository = self.home / "shop"
        self.scratch = self.home / "scratch"
        self.scratch.mkdir()
        subprocess.run(["git", "init", "-q", "-b", "main", str(self.repository)], check=True)
        (self.repository / "app.py").write_text("def charge(n):\n    return n\n")
        self._configure()

    def _configure(self) -> None:
        """What points the agent at the stub."""
        if self.agent == "codex":
            file = self.home / ".codex/config.toml"
            text = CODEX.format(port=self.stub.port)
        elif self.agent == "opencode":
            file = self.home / ".config/opencode/opencode.json"
            options = {"baseURL": f"http://127.0.0.1:{self.stub.port}/v1", "apiKey": "sk-dummy"}
            text = json.dumps({
                "autoupdate": False,
                "share": "disabled",
                "model": "anthropic/claude-sonnet-4-5",
                "permission": {"bash": "allow", "edit": "allow", "webfetch": "deny"},
                "provider": {"anthropic": {"options": options}},
            })  # fmt: skip
        else:
            return
        file.parent.mkdir(parents=True)
        file.write_text(text)

    def environment(self) -> Mapping[str, str]:
        """Nothing of this machine's own."""
        node = str(Path(shutil.which("node") or "/usr/bin/node").parent)
        env = {
            "PATH": f"{node}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "TERM": "dumb",
            "TMPDIR": str(self.scratch),
            "GIT_CONFIG_NOSYSTEM": "1",
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
        }
        env |= dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"), NOWHERE)
        return env | {name: value.format(port=self.stub.port) for name, value in ENVIRONMENT[self.agent].items()}

    def play(self, steps: str, *, resumed: bool = False) -> subprocess.Popen[bytes]:
        """Starts the agent with a prompt, in a process group of its own."""
        self.count += 1
        prompt = f"Make the retry of SHOP-12 wait longer. PLAY({steps})"
        arguments = (RESUMED if resumed else FIRST)[self.agent]
        self.output = self.stub.folder / f"{self.agent}-{self.count}"
        with self.output.open("wb") as output:
            process = subprocess.Popen(
                [self.program, *arguments, prompt],
                cwd=self.repository, env=self.environment(), stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        self.running.callback(kill, process)
        return process

    def said(self) -> str:
        return self.output.read_text(errors="replace")[-3000:]


def kill(process: subprocess.Popen[bytes]) -> None:
    """The program and all that it started, at once, without a chance to tidy up."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
