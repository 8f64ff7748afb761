"""The app's own code, read and walked once for all tests that look for what may or must stand in it."""

from __future__ import annotations

import ast
import gc
from functools import cache
from pathlib import Path

import trespass

CHECKOUT = Path(trespass.CHECKOUT)
PACKAGE = CHECKOUT / "tokentrack"


def sources(*without: str) -> list[Path]:
    """Every module, but for those of the parts in `without`."""
    skipped = tuple(PACKAGE / part for part in without)
    return [file for file in sorted(PACKAGE.rglob("*.py")) if not any(file.is_relative_to(part) for part in skipped)]


@cache
def tree(file: Path) -> ast.Module:
    gc.disable()  # nothing of it is thrown away, and to look for what is takes longer than to read it
    try:
        return ast.parse(file.read_text(encoding="utf-8"), str(file))
    finally:
        gc.enable()


@cache
def nodes(file: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(tree(file)))


@cache
def strings(file: Path, *, with_docstrings: bool) -> tuple[ast.Constant, ...]:
    """Text in the code; of an f-string, its fixed pieces."""
    alone = {id(node.value) for node in nodes(file) if isinstance(node, ast.Expr)}
    return tuple(
        node
        for node in nodes(file)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and (with_docstrings or id(node) not in alone)
    )
