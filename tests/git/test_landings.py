"""Which commit brought each into the default branch: held against the plain definition, on any graph."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from worlds import few

from tokentrack.git.merging import landings

Graph = dict[bytes, tuple[bytes, ...]]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Commits 0, 1, …, each with up to three earlier ones as parents."""
    graph: Graph = {}
    for number in range(draw(st.integers(1, 14))):
        earlier = st.lists(st.integers(0, number - 1), max_size=3, unique=True) if number else st.just([])
        graph[bytes([number])] = tuple(bytes([parent]) for parent in draw(earlier))
    return graph


def ancestors(graph: Graph, sha: bytes) -> set[bytes]:
    return {sha}.union(*(ancestors(graph, parent) for parent in graph[sha]))


def chain(graph: Graph, tip: bytes) -> list[bytes]:
    """The first-parent history, the oldest first."""
    return [*(chain(graph, graph[tip][0]) if graph[tip] else []), tip]


@few
@given(graphs())
def test_a_commit_landed_with_the_first_of_the_default_branch_that_leads_to_it(graph: Graph) -> None:
    tip = max(graph)
    wanted = {}
    for by in chain(graph, tip):
        for sha in ancestors(graph, by):
            wanted.setdefault(sha, by)
    wanted |= {sha: sha for sha in chain(graph, tip)}
    assert landings(graph, [tip]) == wanted


@few
@given(graphs(), st.data())
def test_what_is_read_in_parts_lands_as_it_would_at_once(graph: Graph, data: st.DataObject) -> None:
    """The default branch went on: only what had not landed is looked at again."""
    line = chain(graph, max(graph))
    earlier = data.draw(st.sampled_from(line))
    first = landings(graph, [earlier])
    rest = {sha: parents for sha, parents in graph.items() if sha not in first}
    assert first | landings(rest, [line[-1]]) == landings(graph, [line[-1]])
