"""Logs ▶ chunks: in this process, or in several where there is much to read."""

from __future__ import annotations

import gc
import os
import signal
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
_Told = tuple[int, Chunk | None, str | None]
"""The same, of a log named by its place in the list: what a reading process tells."""

WORTH_WORKERS = 48 << 20
"""Below so many new bytes one process is faster than starting more."""
SENT_BYTES = 4 << 20
"""A reading process takes logs of about so many bytes and tells what it found; each chunk by itself of a log that has several."""
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
    """A first reading that may begin while the store is still being made: processes that read beside this one.

    The logs lie ready in blocks, and whoever is free takes the next one. This process does so too when it has heard all that
    was found so far: so nobody waits, and of processors that are not equally fast the faster one reads more.
    """

    def __init__(self, pending: Sequence[Pending], workers: int) -> None:
        import multiprocessing  # 20 ms that only a large first scan has to spend

        import msgspec  # noqa: F401  # which each of these processes needs: a fork has it at once

        self.pending = pending
        self._blocks = _blocks(pending)
        start = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
        context = cast("multiprocessing.context.SpawnContext", start)
        self._numbers, given = context.Pipe(duplex=False)
        for number in range(len(self._blocks)):
            _give(given, number)
        given.close()
        self._pipes: list[Connection] = []
        self.processes = []
        for _ in range(workers):
            mine, theirs = context.Pipe(duplex=False)
            _widen(theirs)
            told = (self._blocks, self._numbers, theirs, os.getpid())
            process = context.Process(target=_read_for, args=told, daemon=True)
            with suppress(OSError):  # the system grants no more: those that there are read all
                process.start()
                self._pipes.append(mine)
                self.processes.append(process)
            theirs.close()

    def __iter__(self) -> Iterator[Found]:
        """What is found, as it is found. What a process leaves that was ended from outside is read here at the end."""
        left = dict(enumerate(self.pending))
        for number, chunk, reason in self._found():
            log = left[number][0]
            if chunk and chunk.more:
                left[number] = log, chunk.cursor
            else:
                del left[number]
            yield _named(log), chunk, reason
        yield from one_by_one(list(left.values()))

    def _found(self) -> Iterator[_Told]:
        from multiprocessing.connection import wait

        import msgspec

        sent = msgspec.msgpack.Decoder(list[_Told])
        mine = self._read_here()
        idle = False
        while self._pipes:
            heard = cast("list[Connection]", wait(self._pipes, None if idle else 0))
            for pipe in heard:
                try:
                    found = sent.decode(pipe.recv_bytes())
                except (EOFError, OSError):
                    self._pipes.remove(pipe)
                else:
                    yield from found
            if not heard:  # nor is anybody kept waiting while this process reads a log of many chunks
                told = next(mine, None)
                idle = told is None
                if told:
                    yield told

    def _read_here(self) -> Iterator[_Told]:
        while (block := _take(self._numbers)) is not None:
            yield from _read_block(self._blocks[block])

    def close(self) -> None:
        for process in self.processes:
            process.terminate()
            process.join()


def read_ahead(home: Path, env: Mapping[str, str], workers: int, agents: Sequence[Agent] = AGENTS) -> Ahead | None:
    """Begins to read all logs of these agents for a store that does not exist yet; None where that would not be faster.

    `workers` is how many processes may read beside this one.
    """
    roots = {os.path.realpath(root): (agent, root) for agent in agents for root in agent.roots(home, env)}
    pending = newest_first([(log, None) for agent, root in roots.values() for log in agent.logs(root)])
    return Ahead(pending, workers) if worth_it(pending, workers) else None


def worth_it(pending: Sequence[Pending], workers: int) -> bool:
    return workers > 0 and sum(log.size for log, _ in pending) >= WORTH_WORKERS


_Block = list[tuple[int, Pending]]
"""Logs that one process reads and tells of together, each with its place in the list."""
MOST_BLOCKS = 2_000
"""Their numbers must find room in a pipe, of which some systems make 8 KB."""
_NUMBER_BYTES = 4


def _blocks(pending: Sequence[Pending]) -> list[_Block]:
    """The logs in their order, in blocks of about `SENT_BYTES`."""
    enough = max(SENT_BYTES, sum(log.size for log, _ in pending) // MOST_BLOCKS)
    blocks: list[_Block] = []
    size = enough
    for number, entry in enumerate(pending):
        if size >= enough:
            blocks.append([])
            size = 0
        blocks[-1].append((number, entry))
        size += entry[0].size
    return blocks


def _give(numbers: Connection, number: int) -> None:
    told = number.to_bytes(_NUMBER_BYTES, "big")
    if sys.platform == "win32":
        numbers.send_bytes(told)
    else:
        os.write(numbers.fileno(), told)


def _take(numbers: Connection) -> int | None:
    """The next block that nobody took; None: there is no more. All processes read here, so a number is read in one go."""
    with suppress(EOFError):
        told = numbers.recv_bytes() if sys.platform == "win32" else os.read(numbers.fileno(), _NUMBER_BYTES)
        return int.from_bytes(told, "big") if told else None
    return None


def _read_block(block: _Block) -> Iterator[_Told]:
    for number, (log, cursor) in block:
        for chunk, reason in _chunks(log, cursor):
            yield number, chunk, reason


def _read_for(blocks: Sequence[_Block], numbers: Connection, pipe: Connection, parent: int) -> None:
    """Reads one block after the other and tells what it found of each."""
    import msgspec

    gc.disable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one that is stopped ends those that read for it
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    encode = msgspec.msgpack.Encoder().encode
    while (block := _take(numbers)) is not None:
        found: list[_Told] = []
        for told in _read_block(blocks[block]):
            found.append(told)
            if told[1] and told[1].more:
                pipe.send_bytes(encode(found))
                found = []
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
