"""Logs ▶ chunks: in this process, or in several where there is much to read."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import NoReturn

from tokentrack.agents import AGENTS, Agent, agent_named
from tokentrack.model.logs import Chunk, Log

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
        # which each of these processes needs: a fork has it at once
        import msgspec  # noqa: F401

        from tokentrack.agents import jsonl, marks, reading  # noqa: F401

        self.pending = pending
        self._blocks = _blocks(pending)
        self._numbers, given = os.pipe()
        for number in range(len(self._blocks)):
            os.write(given, number.to_bytes(_NUMBER_BYTES))
        os.close(given)
        self._ends = ExitStack()
        self._ends.callback(os.close, self._numbers)
        self._pipes: list[int] = []
        self.processes: list[int] = []
        with suppress(OSError):  # the system grants no more: those that there are read all
            for _ in range(workers):
                self._begin()

    def _begin(self) -> None:
        """A process more. It is forked by hand: `multiprocessing` takes as long to import as thirty logs take to read."""
        told, tells = os.pipe()
        _widen(tells)
        self._pipes.append(told)
        # Ctrl+C is for the one that is stopped, which ends those that read for it.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        try:
            if (process := os.fork()) == 0:
                _read_for(self._blocks, self._numbers, tells, self._pipes)
            self.processes.append(process)
            self._ends.callback(_end, process)
        except OSError:
            os.close(self._pipes.pop())
            raise
        finally:
            os.close(tells)
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

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
        import select

        import msgspec

        sent = msgspec.msgpack.Decoder(list[_Told])
        mine = self._read_here()
        idle = False
        speaking = select.poll()
        for pipe in self._pipes:
            speaking.register(pipe, select.POLLIN)
        while self._pipes:
            heard = speaking.poll(None if idle else 0)
            for pipe, _ in heard:
                try:
                    found = sent.decode(_hear(pipe))
                except (EOFError, OSError):
                    speaking.unregister(pipe)
                    self._pipes.remove(pipe)
                    os.close(pipe)
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
        """Ends the reading, whether all was read or not. It may be called again."""
        while self._pipes:
            os.close(self._pipes.pop())
        self._ends.close()


def read_ahead(home: Path, env: Mapping[str, str], workers: int, agents: Sequence[Agent] = AGENTS) -> Ahead | None:
    """Begins to read all logs of these agents for a store that does not exist yet; None where that would not be faster.

    `workers` is how many processes may read beside this one.
    """
    roots = {os.path.realpath(root): (agent, root) for agent in agents for root in agent.roots(home, env)}
    pending = newest_first([(log, None) for agent, root in roots.values() for log in agent.logs(root)])
    return Ahead(pending, workers) if worth_it(pending, workers) else None


def worth_it(pending: Sequence[Pending], workers: int) -> bool:
    """Whether other processes shall read too. Windows forks none: there this one reads alone."""
    return workers > 0 and hasattr(os, "fork") and sum(log.size for log, _ in pending) >= WORTH_WORKERS


_Block = list[tuple[int, Pending]]
"""Logs that one process reads and tells of together, each with its place in the list."""
MOST_BLOCKS = 1_000
"""Their numbers must find room in a pipe, of which a busy system gives one page."""
SMALL_BLOCKS = 150
"""The last blocks become smaller: so many at most."""
_NUMBER_BYTES = 4


def _blocks(pending: Sequence[Pending]) -> list[_Block]:
    """The logs in their order, in blocks of about `SENT_BYTES`; the last ones are smaller, so that all end at the same time."""
    to_come = sum(log.size for log, _ in pending)
    most = max(SENT_BYTES, to_come // (MOST_BLOCKS - SMALL_BLOCKS))
    blocks: list[_Block] = []
    size = enough = 0
    for number, entry in enumerate(pending):
        if size >= enough:
            blocks.append([])
            size, enough = 0, min(most, max(most // 16, to_come // 32))
        blocks[-1].append((number, entry))
        size += entry[0].size
        to_come -= entry[0].size
    return blocks


def _take(numbers: int) -> int | None:
    """The next block that nobody took; None: there is no more. All processes read here, so a number is read in one go."""
    told = os.read(numbers, _NUMBER_BYTES)
    return int.from_bytes(told) if told else None


def _read_block(block: _Block) -> Iterator[_Told]:
    for number, (log, cursor) in block:
        for chunk, reason in _chunks(log, cursor):
            yield number, chunk, reason


def _read_for(blocks: Sequence[_Block], numbers: int, pipe: int, ears: Sequence[int]) -> NoReturn:
    """Reads one block after the other and tells what it found of each, until there is no more or nobody hears it.

    `ears` are the ends at which others hear: held open here, they would hide that nobody does any more.
    """
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for ear in ears:
            os.close(ear)
        gc.disable()
        import msgspec

        encode = msgspec.msgpack.Encoder().encode
        while (block := _take(numbers)) is not None:
            found: list[_Told] = []
            for told in _read_block(blocks[block]):
                found.append(told)
                if told[1] and told[1].more:
                    _tell(pipe, encode(found))
                    found = []
            _tell(pipe, encode(found))
    finally:
        os._exit(0)  # what it leaves is read by the one that it read for


_LENGTH_BYTES = 8


def _tell(pipe: int, said: bytes) -> None:
    """Says something that is heard as a whole. Raises BrokenPipeError where nobody hears any more."""
    said = len(said).to_bytes(_LENGTH_BYTES) + said
    while said:
        said = said[os.write(pipe, said) :]


def _hear(pipe: int) -> bytes:
    """What was told next. Raises EOFError where no more is told."""
    return _whole(pipe, int.from_bytes(_whole(pipe, _LENGTH_BYTES)))


def _whole(pipe: int, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = os.read(pipe, size - len(parts))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)


def _end(process: int) -> None:
    with suppress(ChildProcessError):  # where children are not waited for, the system takes an ended one away
        if os.waitpid(process, os.WNOHANG)[0] == 0:
            os.kill(process, signal.SIGTERM)
            os.waitpid(process, 0)


def _widen(pipe: int) -> None:
    if sys.platform == "linux":
        import fcntl

        with suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
