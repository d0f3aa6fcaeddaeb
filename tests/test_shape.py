"""The check of the code's shape sees what it is for."""

from __future__ import annotations

import pytest

from scripts import shape

PLAIN = "def total(orders):\n" + "".join(f"    sum_{n} = {n}\n" for n in range(50)) + "    return sum_1\n"


def test_plain_code_has_nothing_to_name() -> None:
    assert shape.check({"sheetcrm/a.py": PLAIN, "sheetcrm/b.py": "class Order: ...\nclass _Row: ...\n"}) == []


@pytest.mark.parametrize(("lines", "fits"), [(60, True), (61, False)])
@pytest.mark.parametrize("head", ["def", "async def"])
def test_a_function_has_60_lines_at_most(head: str, lines: int, *, fits: bool) -> None:
    source = f"@cached\n{head} run():\n" + "    go()\n" * (lines - 1)
    expected = [] if fits else ["sheetcrm/a.py:2: run has 61 lines, 60 at most"]
    assert shape.check({"sheetcrm/a.py": source}) == expected


def test_a_method_and_a_function_in_a_function_are_measured_too() -> None:
    inner = "class A:\n    def run(self):\n        def deep():\n" + "            go()\n" * 60
    assert [line.split(":")[1] for line in shape.check({"a.py": inner})] == ["2", "3"]


def test_a_public_class_stands_once_in_the_package() -> None:
    sources = {"a.py": "class Context: ...\nclass _Row: ...\n", "b.py": "\nclass Context: ...\nclass _Row: ...\n"}
    assert shape.check(sources) == ["a.py:1: class Context stands in b.py:2 too"]


@pytest.mark.parametrize(
    "line",
    [
        "known = 1",
        "known: int = 1",
        "for known in x: ...",
        "a, (known, b) = x",
        "with x as known: ...",
        "[known for known in x]",
        "def f(known): ...",
        "def f(*, known=1): ...",
        "def f(*known): ...",
        "lambda known: 1",
        "if known := 1: ...",
    ],
)
def test_a_vague_name_is_counted_wherever_it_is_assigned(line: str) -> None:
    assert shape.check({"a.py": line})[0] == "a.py: vague names: known x1"


def test_vague_names_are_counted_against_all_names() -> None:
    few = "known = 1\n" + "".join(f"row_{n} = {n}\n" for n in range(400))
    assert shape.check({"a.py": few}) == []
    assert shape.check({"a.py": "known = 1\n" + few})[-1] == (
        "2 of 402 assigned names and parameters are vague (0.5%), 0.3% at most"
    )


def test_reading_a_vague_name_or_an_attribute_is_nothing() -> None:
    assert shape.check({"a.py": "print(known, x.given)\nx.said = 1\n"}) == []
