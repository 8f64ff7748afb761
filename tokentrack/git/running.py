"""Runs git so that it only reads: no shell, no network, no program that a repository's configuration names, no lock.

Only plumbing commands are run. They read neither the index nor the working tree, so fsmonitor, hooks, filters and aliases are
never reached; what is switched off below is switched off a second time for versions that may differ. The folder is given with
`-C` rather than as GIT_DIR, so that git itself refuses a repository of another user (`safe.directory`).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

KEPT = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_EXEC_PATH")
"""Of git's own variables only those that say where the person's configuration and git itself lie."""
READ_ONLY = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",  # unlike protocol.allow, stands above what the repository's configuration allows
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "GIT_PAGER": "cat",
    "LC_ALL": "C",
}
SETTINGS = (
    "core.fsmonitor=false", "core.hooksPath=/dev/null", "protocol.allow=never", "gc.auto=0", "maintenance.auto=false",
    "log.showSignature=false", "core.commitGraph=true", "credential.helper=",
)  # fmt: skip
MOST_BYTES = 256 << 20
"""No answer is longer: that of a million commits' names is 40 MB."""
STOP_SECONDS = 0.1
"""Between looks at whether to stop."""
LONGEST_LINE = 1 << 16
APPLE = ("/Library/Developer/CommandLineTools/usr/bin/git", "/Applications/Xcode.app/Contents/Developer/usr/bin/git")


class GitError(Exception):
    """Git cannot tell; the message is one sentence for the person."""


class OutOfTime(GitError):
    """The time given is over; what was answered so far is true."""


@dataclass(slots=True)
class Git:
    """Questions about one repository, all of them together within so many seconds, and until `stop` says so, on any thread."""

    folder: Path
    seconds: float
    stop: Callable[[], bool] = lambda: False
    _until: float = field(init=False)
    _environment: dict[str, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._until = time.monotonic() + self.seconds
        self._environment = _environment(os.environ, self.folder)

    @property
    def remaining(self) -> float:
        return self._until - time.monotonic()

    def go_on(self) -> None:
        """Raises OutOfTime when it is time to stop."""
        if self.remaining <= 0 or self.stop():
            raise self._late()

    def ask(self, *words: str, given: bytes = b"", answers: tuple[int, ...] = (0,)) -> bytes:
        """What a command prints. `answers` are exit codes that are no errors. Raises GitError."""
        with self.asking(*words, given=given, answers=answers) as out:
            return out.read(MOST_BYTES)

    @contextmanager
    def asking(self, *words: str, given: bytes = b"", answers: tuple[int, ...] = (0,)) -> Iterator[Answer]:
        """The same as a stream. A reader may leave early; git then ends with it. Raises GitError."""
        with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as stderr:
            stdin.write(given)
            stdin.seek(0)
            with self._started(words, stdin, stderr) as process:
                assert process.stdout
                read = Answer(process.stdout)
                with self._guarded(process) as late:
                    try:
                        yield read
                        code = process.wait() if read.ended else 0  # whoever leaves early has what is needed
                    finally:
                        process.kill()
                        process.stdout.close()
                if late.is_set():
                    raise self._late()
                if read.cut or code not in answers:
                    raise GitError(self._sentence(stderr))

    def piped(self, first: tuple[str, ...], second: tuple[str, ...], given: bytes = b"") -> bytes:
        """What the second command makes of what the first prints, without a copy of it on disk. Raises GitError."""
        with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as stderr:
            stdin.write(given)
            stdin.seek(0)
            with self._started(first, stdin, stderr) as source:
                assert source.stdout
                with self._started(second, source.stdout, stderr) as target:
                    source.stdout.close()
                    with self._guarded(source, target) as late:
                        out, _ = target.communicate()
                if late.is_set():
                    raise self._late()
                if target.returncode != 0:
                    raise GitError(self._sentence(stderr))
                return out

    @contextmanager
    def _guarded(self, *processes: subprocess.Popen[bytes]) -> Iterator[threading.Event]:
        """Ends the processes once the time is over; the event tells that it was."""
        done, late = threading.Event(), threading.Event()

        def guard() -> None:
            while not done.wait(min(STOP_SECONDS, max(self.remaining, 0.0))):
                if self.remaining <= 0 or self.stop():
                    late.set()
                    for process in processes:
                        process.kill()
                    return

        watching = threading.Thread(target=guard, name="git's end", daemon=True)
        watching.start()
        try:
            yield late
        finally:
            done.set()
            watching.join()

    def _started(self, words: tuple[str, ...], stdin: IO[bytes], stderr: IO[bytes]) -> subprocess.Popen[bytes]:
        self.go_on()
        settings = [part for setting in SETTINGS for part in ("-c", setting)]
        command = [_program(), "-C", str(self.folder), "--no-pager", "--literal-pathspecs", *settings, *words]
        try:
            return subprocess.Popen(
                command, stdin=stdin, stdout=subprocess.PIPE, stderr=stderr, env=self._environment,
                cwd=os.path.abspath(os.sep),  # noqa: PTH100
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )  # fmt: skip
        except OSError as error:
            raise GitError(f"git cannot be run ({error.strerror or error}).") from error

    def _late(self) -> OutOfTime:
        return OutOfTime(f"{self.folder}: git gave no answer within {self.seconds:g} seconds.")

    def _sentence(self, stderr: IO[bytes]) -> str:
        stderr.seek(0)
        told = stderr.read(8192).decode("utf-8", "replace")
        if "dubious ownership" in told or "unsafe repository" in told:
            return (
                f"{self.folder} belongs to another user, so git does not read it; "
                "“git config --global --add safe.directory” allows it."
            )
        lines = [line.removeprefix("fatal:").removeprefix("error:").strip() for line in told.splitlines()]
        last = next((line for line in reversed(lines) if line), "it says nothing more")
        return f"{self.folder}: git cannot read it ({last[:200]})."


class Answer:
    """What git prints, as far as it has been read; `cut` after `MOST_BYTES`."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._left = stream, MOST_BYTES
        self.ended = self.cut = False

    def read(self, most: int) -> bytes:
        return self._counted(self._stream.read(min(most, self._left)), most)

    def line(self) -> bytes:
        """The next line with its end; empty at the end."""
        return self._counted(self._stream.readline(min(LONGEST_LINE, self._left)), 1)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.line, b"")

    def _counted(self, data: bytes, wanted: int) -> bytes:
        self._left -= len(data)
        self.cut = self.cut or self._left <= 0
        self.ended = self.ended or len(data) < wanted
        return data


def _program() -> str:
    found = shutil.which("git")
    if found is None:
        raise GitError("git is not installed, so repositories cannot be asked.")
    if sys.platform == "darwin" and found == "/usr/bin/git":  # a stub that offers to install the tools, in a dialog
        found = next((place for place in APPLE if Path(place).exists()), None)
        if found is None:
            raise GitError("git is not installed, so repositories cannot be asked.")
    return found


def _environment(env: Mapping[str, str], folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in env.items() if not name.startswith("GIT_") or name in KEPT}
    # A folder without a repository must not answer with one above it.
    return kept | READ_ONLY | {"GIT_CEILING_DIRECTORIES": str(folder.parent)}
