"""`make fuzz`: 20,000 damaged logs of each kind. Prints the seed; what fails is kept below test-artefacts/fuzz.

python -m fuzz [KIND …] [--count N] [--seed S]     in the folder tests, or with it on PYTHONPATH
python -m fuzz KIND --seed S --only N              one of them again, with its traceback
"""

from __future__ import annotations

import argparse
import faulthandler
import multiprocessing
import os
import sys
import tempfile
import time
import traceback
from pathlib import Path
from random import Random

from fuzz.mutate import Specimen, mutated
from fuzz.reading import attempt, lay_out
from fuzz.specimens import CHECKOUT, TABLE, Kind

from tokentrack.agents import agent_named
from tokentrack.store import open_store

COUNT = 20_000
IN_A_ROW = 20
FAILURES = CHECKOUT / "test-artefacts/fuzz"
MOST_KEPT = 25
"""Failures of one kind that are kept: a fault shows in hundreds of ways."""
STUCK_SECONDS = 120
"""Without a sign of life for so long, a worker hangs in compiled code."""


def specimen_of(kind: Kind, specimens: list[Specimen], seed: int, number: int) -> Specimen:
    """The same for some in a row: only what is damaged has to be written anew."""
    return Random(f"{seed} {kind.name} {number // IN_A_ROW}").choice(specimens)


def one(kind: Kind, specimens: list[Specimen], seed: int, number: int, folder: Path, empty: Path) -> int:
    """One mutation, always the same for its seed and number. Returns the problems told; raises what the reader does wrong."""
    dice = Random(f"{seed} {kind.name} {number}")
    specimen = specimen_of(kind, specimens, seed, number)
    damaged, rubbish = mutated(specimen, dice)
    return attempt(agent_named(kind.agent), specimen, damaged, rubbish, folder / "home", empty, dice)


def damaged_by(kind: Kind, specimens: list[Specimen], seed: int, number: int) -> Specimen:
    return mutated(specimen_of(kind, specimens, seed, number), Random(f"{seed} {kind.name} {number}"))[0]


def keep(kind: Kind, specimens: list[Specimen], seed: int, number: int, why: str) -> Path:
    place = FAILURES / f"{kind.name}-{seed}-{number}"
    lay_out(place / "home", damaged_by(kind, specimens, seed, number), {})
    again = f"PYTHONPATH=tests python -m fuzz {kind.name} --seed {seed} --only {number}"
    (place / "why.txt").write_text(f"{again}\n\n{why}\n", encoding="utf-8", errors="replace")
    return place


def work(name: str, seed: int, numbers: range, at: object, told: object) -> None:
    """One process's share. `at` tells which mutation it is at, `told` counts (mutations, those with problems, failures)."""
    kind = TABLE[name]
    specimens = kind.specimens()
    with tempfile.TemporaryDirectory(prefix="tt-", dir=quick_folder()) as folder:
        empty = Path(folder, "empty.db")
        open_store(empty).close()
        for number in numbers:
            at.value = number
            faulthandler.dump_traceback_later(STUCK_SECONDS, exit=True)
            try:
                problems = one(kind, specimens, seed, number, Path(folder), empty)
            except KeyboardInterrupt:
                return
            except BaseException:  # noqa: BLE001  # whatever a reader does wrong is what is looked for
                told[2] += 1
                if told[2] <= MOST_KEPT:
                    place = keep(kind, specimens, seed, number, traceback.format_exc())
                    print(f"  {place}: {traceback.format_exc().strip().splitlines()[-1][:200]}", flush=True)
                problems = 0
            told[0] += 1
            told[1] += bool(problems)
        faulthandler.cancel_dump_traceback_later()


def quick_folder() -> str | None:
    """Memory rather than a disk, where the system offers it."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def run(name: str, seed: int, count: int, jobs: int) -> int:
    """Returns how many mutations failed."""
    started = time.monotonic()
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    workers = []
    for job in range(jobs):
        at, told = context.Value("q", -1), context.Array("q", 3)
        worker = context.Process(target=work, args=(name, seed, range(job, count, jobs), at, told))
        worker.start()
        workers.append((worker, at, told))
    failures = 0
    for worker, at, told in workers:
        worker.join()
        failures += told[2]
        if worker.exitcode:
            failures += 1
            place = keep(
                TABLE[name], TABLE[name].specimens(), seed, at.value, f"the process ended with {worker.exitcode}"
            )
            print(f"  {place}: hangs, or crashes the interpreter ({worker.exitcode})")
    done, with_problems = (sum(told[index] for _, _, told in workers) for index in range(2))
    print(
        f"{name}: {done:,} mutations, {with_problems:,} with problems told, {failures} failed "
        f"({time.monotonic() - started:.0f} s)",
        flush=True,
    )
    return failures


def main() -> int:
    parser = argparse.ArgumentParser(prog="fuzz", description="Damages logs by chance and reads them.")
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"{' '.join(TABLE)} (all)")
    parser.add_argument("--count", type=int, default=COUNT, help="mutations of each kind")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="the same seed does the same damage")
    parser.add_argument("--only", type=int, help="this mutation alone")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    given = parser.parse_args()
    if unknown := [name for name in given.kinds if name not in TABLE]:
        parser.error(f"no such kind: {' '.join(unknown)}")
    names = given.kinds or list(TABLE)
    print(f"seed {given.seed}", flush=True)
    if given.only is not None:
        with tempfile.TemporaryDirectory(prefix="tt-") as folder:
            empty = Path(folder, "empty.db")
            open_store(empty).close()
            for name in names:
                print(
                    one(TABLE[name], TABLE[name].specimens(), given.seed, given.only, Path(folder), empty), "problems"
                )
        return 0
    return 1 if sum([run(name, given.seed, given.count, given.jobs) for name in names]) else 0


if __name__ == "__main__":
    sys.exit(main())
