"""Lines of a file that an agent appends to: each whole one is told once, where it stands, and no half one as whole (AC 1)."""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokentrack.agents import jsonl

LINES = st.lists(st.sampled_from([b"\n", b"{}\n", b"a" * 30 + b"\n", b"\0\n", b"b" * 300 + b"\n"]), max_size=40)


class Written(io.FileIO):
    """A file whose agent writes on each time that its end was met."""

    def __init__(self, path: Path, further: list[bytes]) -> None:
        super().__init__(path)
        self.path, self.further = path, further

    def readinto(self, buffer: Any) -> int | None:
        read = super().readinto(buffer)
        if read == 0 and self.further:
            with self.path.open("ab") as file:
                file.write(self.further.pop(0))
        return read


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lines") / "log.jsonl"


@settings(max_examples=150, derandomize=True, deadline=None)
@given(LINES, st.lists(st.integers(0, 2000), max_size=4), st.sampled_from([(1 << 20, 64), (200, 50), (200, 1 << 20)]))
def test_every_whole_line_is_told_once_though_the_file_grows(
    path: Path, lines: list[bytes], cuts: list[int], sizes: tuple[int, int]
) -> None:
    whole = b"".join(lines)
    places = [0, *sorted(cut % (len(whole) + 1) for cut in cuts), len(whole)]
    parts = [whole[a:b] for a, b in pairwise(places)]
    path.write_bytes(parts[0])
    told: list[bytes] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonl, "LONGEST", sizes[0])
        patch.setattr(jsonl, "BATCH", sizes[1])
        place, further = 0, parts[1:]
        for _ in range(len(parts) + 2):
            with Written(path, further) as file:
                for offset, after, line in jsonl.whole_lines(file, place):
                    assert offset == place
                    if after == jsonl.UNFINISHED:
                        break
                    assert line is None or after == offset + len(line)
                    assert line is not None or after - offset > sizes[0] + 1
                    told.append(whole[offset:after])
                    place = after
        assert told == lines
