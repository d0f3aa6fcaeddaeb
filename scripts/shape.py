"""Hold the shape of the code by its syntax trees: short functions, one class a name, names that say what they hold.

`python -m scripts.shape` prints what breaks a rule and exits 1.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "sheetcrm"

MOST_LINES = 60
"""Lines of a function, its decorators left out."""
VAGUE = frozenset({"around", "known", "said", "told", "given", "means", "found", "made"})
"""Names that do not say what they hold."""
MOST_VAGUE = 0.003
"""The part of all assigned names and parameters that may be vague."""


def main() -> int:
    """Print what breaks a rule in the package; 1 if anything does."""
    sources = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in sorted(PACKAGE.rglob("*.py"))}
    problems = check(sources)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def check(sources: Mapping[str, str]) -> list[str]:
    """List what breaks a rule in these modules, by path. Pure."""
    trees = {path: ast.parse(source) for path, source in sources.items()}
    return [*_long_functions(trees), *_repeated_classes(trees), *_vague_names(trees)]


def _long_functions(trees: Mapping[str, ast.Module]) -> Iterator[str]:
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > MOST_LINES:
                    yield f"{path}:{node.lineno}: {node.name} has {lines} lines, {MOST_LINES} at most"


def _repeated_classes(trees: Mapping[str, ast.Module]) -> Iterator[str]:
    places: dict[str, list[str]] = {}
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(f"{path}:{node.lineno}")
    for name, where in places.items():
        if len(where) > 1:
            yield f"{where[0]}: class {name} stands in {', '.join(where[1:])} too"


def _vague_names(trees: Mapping[str, ast.Module]) -> Iterator[str]:
    names = {path: list(_assigned(tree)) for path, tree in trees.items()}
    total = sum(map(len, names.values()))
    vague = {path: Counter(name for name in own if name in VAGUE) for path, own in names.items()}
    count = sum(counter.total() for counter in vague.values())
    if count <= MOST_VAGUE * total:
        return
    for path, counter in vague.items():
        if counter:
            yield f"{path}: vague names: " + ", ".join(f"{name} x{times}" for name, times in sorted(counter.items()))
    part = f"{count / total:.1%}"
    yield f"{count} of {total} assigned names and parameters are vague ({part}), {MOST_VAGUE:.1%} at most"


def _assigned(tree: ast.Module) -> Iterator[str]:
    """Yield every name that is assigned to, and every parameter."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


if __name__ == "__main__":
    sys.exit(main())
