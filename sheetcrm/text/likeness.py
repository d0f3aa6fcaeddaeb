"""Finds what a person who mistyped a word most likely wanted. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from sheetcrm.text.folding import fold

_LEAST = 0.6
"""The likeness a proposal needs, of 1: one letter of three may be wrong or out of its place."""
_PART = 0.9
"""The likeness of a word that holds the one typed, or is held by it."""
_LEAST_OF_A_PART = 2
_MOST = 3


def nearest(text: str, candidates: Iterable[str], *, most: int = _MOST) -> tuple[str, ...]:
    """Return the candidates that are most like a text, the likest first; none where none is like it.

    Case, width and traditional characters make no difference. Two letters that changed places count as one mistake.
    """
    asked = fold(text)
    if not asked:
        return ()
    likenesses = {candidate: _likeness(asked, fold(candidate)) for candidate in dict.fromkeys(candidates)}
    near = [candidate for candidate, likeness in likenesses.items() if likeness >= _LEAST]
    return tuple(sorted(near, key=lambda candidate: -likenesses[candidate])[:most])


def did_you_mean(text: str, candidates: Iterable[str]) -> str:
    """Return the question `是不是 check？`, with the candidates that are most like a text; "" where none is."""
    near = nearest(text, candidates)
    return f"是不是 {'、'.join(near)}？" if near else ""


def _likeness(one: str, other: str) -> float:
    from rapidfuzz.distance import DamerauLevenshtein  # noqa: PLC0415  (start-up time: only a mistake pays for it)

    if one == other:
        return 1.0
    likeness: float = DamerauLevenshtein.normalized_similarity(one, other)
    shorter, longer = sorted((one, other), key=len)
    return max(likeness, _PART) if len(shorter) >= _LEAST_OF_A_PART and shorter in longer else likeness
