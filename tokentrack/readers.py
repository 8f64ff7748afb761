"""Logs ▶ chunks: in this process, or in several where there is much to read."""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, cast

from tokentrack.agents import AGENTS, Agent, agent_named
from tokentrack.model import Chunk, Log

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Pending = tuple[Log, str | None]
"""A log to be read from a cursor on."""
Found = tuple[Log, Chunk | None, str | None]
"""A log with what was new in it, or with the reason why it could not be read."""
_Sent = list[tuple[int, Chunk | None, str | None]]
"""What a reading process sends: the same, of a log named by its place in the list."""

WORTH_WORKERS = 48 << 20
"""Below so many new bytes one process is faster than starting more."""
SENT_BYTES = 4 << 20
"""A reading process tells what it found about every so many bytes of logs, and each chunk of a log that has several."""
PIPE_BYTES = 1 << 20
"""What may be told and not yet heard: a reader must not wait while the one that writes is busy."""


def newest_first(pending: list[Pending]) -> list[Pending]:
    return sorted(pending, key=lambda entry: entry[0].mtime_ns, reverse=True)


def one_by_one(pending: Sequence[Pending]) -> Iterator[Found]:
    for log, cursor in pending:
        for chunk, reason in _chunks(log, cursor):
            yield _named(log), chunk, reason


def shown(path: Path | str) -> str:
    """The path as it is kept and shown: a name that is no UTF-8 text has replacement characters in it."""
    return os.fsencode(path).decode("utf-8", "replace")


def _named(log: Log) -> Log:
    name = shown(log.name)
    return log if name == log.name else log._replace(name=name, root=Path(shown(log.root)))


def _chunks(log: Log, cursor: str | None) -> Iterator[tuple[Chunk | None, str | None]]:
    """Everything new in one log, or the reason why it cannot be read, whatever that is: the other logs are read."""
    if shown(log.name) != log.name:
        yield None, "its name is not UTF-8, so it cannot be kept"
        return
    read, more = agent_named(log.agent).read, True
    try:
        while more:
            chunk = read(log, cursor)
            yield chunk, None
            cursor, more = chunk.cursor, chunk.more
    except FileNotFoundError:
        yield None, "it vanished while it was read"
    except OSError as error:
        yield None, f"it cannot be read ({error.strerror or error})"
    except Exception as error:  # noqa: BLE001  # see above
        yield None, f"it cannot be read ({type(error).__name__}: {error})"


# ------------------------------------------------------------------------------------------------- in several processes


class Ahead:
    """A first reading that may begin while the store is still being made: processes that read, and what they find."""

    def __init__(self, pending: Sequence[Pending], workers: int) -> None:
        import multiprocessing  # 20 ms that only a large first scan has to spend

        self.pending = pending
        start = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
        context = cast("multiprocessing.context.SpawnContext", start)
        self._pipes: list[Connection] = []
        self.processes = []
        for share in _shares(pending, workers):
            mine, theirs = context.Pipe(duplex=False)
            _widen(theirs)
            process = context.Process(target=_read_share, args=(share, theirs, os.getpid()), daemon=True)
            process.start()
            theirs.close()
            self._pipes.append(mine)
            self.processes.append(process)

    def __iter__(self) -> Iterator[Found]:
        """What they find, as they find it. What a process leaves that was ended from outside is read here."""
        from multiprocessing.connection import wait

        import msgspec

        sent = msgspec.msgpack.Decoder(_Sent)
        left = dict(enumerate(self.pending))
        while self._pipes:
            for pipe in cast("list[Connection]", wait(self._pipes)):
                try:
                    found = sent.decode(pipe.recv_bytes())
                except (EOFError, OSError):
                    self._pipes.remove(pipe)
                    continue
                for number, chunk, reason in found:
                    log = left[number][0]
                    if chunk and chunk.more:
                        left[number] = log, chunk.cursor
                    else:
                        del left[number]
                    yield _named(log), chunk, reason
        yield from one_by_one(list(left.values()))

    def close(self) -> None:
        for process in self.processes:
            process.terminate()
            process.join()


def read_ahead(home: Path, env: Mapping[str, str], workers: int, agents: Sequence[Agent] = AGENTS) -> Ahead | None:
    """Begins to read all logs of these agents for a store that does not exist yet; None where that would not be faster."""
    roots = {os.path.realpath(root): (agent, root) for agent in agents for root in agent.roots(home, env)}
    pending = newest_first([(log, None) for agent, root in roots.values() for log in agent.logs(root)])
    return Ahead(pending, workers) if worth_it(pending, workers) else None


def worth_it(pending: Sequence[Pending], workers: int) -> bool:
    return workers > 1 and sum(log.size for log, _ in pending) >= WORTH_WORKERS


def _shares(pending: Sequence[Pending], workers: int) -> list[list[tuple[int, Pending]]]:
    """The logs dealt out, each to whom has least to read so far."""
    shares: list[list[tuple[int, Pending]]] = [[] for _ in range(workers)]
    sizes = [0] * workers
    for number, entry in enumerate(pending):
        least = sizes.index(min(sizes))
        shares[least].append((number, entry))
        sizes[least] += entry[0].size
    return shares


def _read_share(share: list[tuple[int, Pending]], pipe: Connection, parent: int) -> None:
    import msgspec

    gc.disable()
    if os.name == "posix":
        os.nice(3)  # the one that writes goes first: what it has not done when they end, it does alone
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    encode = msgspec.msgpack.Encoder().encode
    found: _Sent = []
    size = 0
    for number, (log, cursor) in share:
        for chunk, reason in _chunks(log, cursor):
            found.append((number, chunk, reason))
            size += chunk.bytes_read if chunk else 0
            if size >= SENT_BYTES or (chunk and chunk.more):
                pipe.send_bytes(encode(found))
                found, size = [], 0
    pipe.send_bytes(encode(found))


def _end_with(parent: int) -> None:
    """A reading process would read on for nobody if the one that wants the answer was killed."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _widen(pipe: Connection) -> None:
    if sys.platform == "linux":
        import fcntl

        with suppress(OSError):
            fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, PIPE_BYTES)
