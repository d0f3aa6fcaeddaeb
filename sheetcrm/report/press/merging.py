"""Merges PDFs into one for the printer: bookmarks, links, and the tags that are read aloud go along (practice §10).

The library carries pages with their links and bookmarks. Of the tree of tags it knows nothing: the parts' trees are
put under one root here, and the numbers by which pages refer to them are counted on.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Page, Pdf

_VERSION = "1.7"
_BLANK = "空白页"


def merge(parts: Sequence[tuple[str, bytes]], *, title: str, two_sided: bool) -> bytes:
    """Merge PDFs that this program printed, in their order.

    The same parts give the same bytes: the dates, and the author, are those of the first. The panel of bookmarks is
    open; each part's bookmarks stand one after another. Pages keep the numbers they have in their part, which a
    reader shows as they are printed: 附件1-3.

    Args:
        parts: What the pages of a PDF are counted under, and the PDF; at least one.
        title: The title, which is the subject too.
        two_sided: Whether every part begins on a right-hand page, after a blank one where need be.
    """
    target = Pdf.new()
    tags = target.make_indirect(Dictionary(S=Name.Document, K=Array()))
    places: list[Object] = []
    labels: list[Object | int] = []
    sources = [Pdf.open(io.BytesIO(part)) for _, part in parts]
    for (part, _), source in zip(parts, sources, strict=True):
        if two_sided and len(target.pages) % 2:
            labels += [len(target.pages), Dictionary(P=_BLANK)]
            *_, width, height = map(float, source.pages[0].mediabox)
            target.add_blank_page(page_size=(width, height))
        start = len(target.pages)
        labels += [start, Dictionary(S=Name.D, P=f"{part}-")]
        target.add_pages_from(source)
        _take_tags(target.copy_foreign(source.Root.StructTreeRoot), list(target.pages)[start:], tags, places)
    target.Root.PageLabels = Dictionary(Nums=Array(labels))
    _finish(target, sources[0], tags, places, title)
    written = io.BytesIO()
    target.save(
        written,
        deterministic_id=True,
        min_version=_VERSION,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
    )
    return written.getvalue()


def _take_tags(tree: Object, pages: Sequence[Page], tags: Object, places: list[Object]) -> None:
    """Take a part's tree of tags along, and number its pages and links after those there are."""
    for child in list(tree.K):
        child.S, child.P = Name.Part, tags
        tags.K.append(child)
    shift = len(places)
    numbers = tree.ParentTree.Nums
    own = {int(numbers[at]): numbers[at + 1] for at in range(0, len(numbers), 2)}
    places.extend(own.get(at, Array()) for at in range(max(own, default=-1) + 1))
    for page in pages:
        if Name.StructParents in page.obj:
            page.obj.StructParents = int(page.obj.StructParents) + shift
        for link in page.obj.get(Name.Annots, Array()):
            if Name.StructParent in link:
                link.StructParent = int(link.StructParent) + shift


def _finish(target: Pdf, first: Pdf, tags: Object, places: Sequence[Object], title: str) -> None:
    """Set what readers ask of a whole document."""
    numbers = Array([entry for at, place in enumerate(places) for entry in (at, place)])
    tree = target.make_indirect(Dictionary(Type=Name.StructTreeRoot, K=Array([tags])))
    tree.ParentTree = target.make_indirect(Dictionary(Nums=numbers))
    tree.ParentTreeNextKey = len(places)
    tags.P = tree
    root = target.Root
    root.StructTreeRoot = tree
    root.MarkInfo = Dictionary(Marked=True)
    root.Lang = first.Root.Lang
    root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    root.PageMode = Name.UseOutlines
    for key, value in _facts(first, title).items():
        target.docinfo[key] = value


def _facts(first: Pdf, title: str) -> Mapping[str, str]:
    kept = ("/Author", "/Creator", "/CreationDate", "/ModDate")
    return {key: str(first.docinfo[key]) for key in kept if key in first.docinfo} | {"/Title": title, "/Subject": title}
