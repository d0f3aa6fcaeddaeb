"""Parses a small part into a tree with the byte offsets of each element, so that new bytes can go between.

Nothing is ever written from the tree: an edit is a splice into the part's own bytes, and everything
else stays as it was, down to quotes, prefixes and white space.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import NoReturn
from xml.parsers import expat

from sheetcrm.errors import UnreadableWorkbookError
from sheetcrm.ooxml.archive import shown

_START_TAG = re.compile(rb"""<(?:[^<>"']|"[^"]*"|'[^']*')*>""")
_LEXEME = re.compile(
    rb"""<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<(?:[^<>"']|"[^"]*"|'[^']*')*>|>""",
    re.DOTALL,
)
_WHOLE = re.compile(r"[0-9]{1,18}")
_MOST_ELEMENTS, _MOST_LEVELS = 400_000, 256
"""Elements and attributes of a tree, some 600 bytes each at the worst; and how deep they may lie."""
REPAIR = "请用 Excel 或 WPS 打开并修复后另存，或请发送人重新导出"
_SAFE = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord('"'): "&quot;"}


@dataclass(slots=True)
class Element:
    """An element of a part. `start`, `inner`, `tail` and `end` are offsets into the part's bytes."""

    namespace: str
    name: str
    attributes: dict[str, str]
    """By local name where there is no namespace, else `uri local`."""
    start: int
    """Of its start tag."""
    inner: int
    """After its start tag."""
    tail: int = 0
    """Of its end tag; equal to `end` if it closes itself."""
    end: int = 0
    children: list[Element] = field(default_factory=list)

    @property
    def self_closed(self) -> bool:
        """Whether it is written `<name/>`: then nothing can go inside without opening it."""
        return self.tail == self.end

    def find(self, name: str) -> Element | None:
        """Return the first child of that name in this element's own namespace."""
        return next(self.find_all(name), None)

    def find_all(self, name: str) -> Iterator[Element]:
        """Yield the children of that name in this element's own namespace."""
        return (child for child in self.children if child.name == name and child.namespace == self.namespace)

    def walk(self) -> Iterator[Element]:
        """Yield this element and all below it, in document order."""
        yield self
        for child in self.children:
            yield from child.walk()


def parse(data: bytes, *, part: str) -> Element:
    """Parse a part's bytes and return its root. Pure.

    Raises:
        UnreadableWorkbookError: `xml-damaged` if it is not well-formed, `xml-doctype` if it holds a
            document type, `xml-encoding` if it is not in UTF-8, so that bytes could not be spliced,
            `xml-too-large` if it holds 400,000 elements and attributes, or 256 levels of elements.
    """
    require_utf8(data, part=part)
    parser = _guarded_parser(part)
    parser.buffer_text = True
    open_elements: list[Element] = []
    roots: list[Element] = []
    count = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1 + len(attributes)
        if count > _MOST_ELEMENTS or len(open_elements) > _MOST_LEVELS:
            raise _too_large(part)
        at = parser.CurrentByteIndex
        tag = _START_TAG.match(data, at)
        namespace, _, local = name.rpartition(" ")
        element = Element(namespace, local, attributes, at, tag.end() if tag else at)
        (open_elements[-1].children if open_elements else roots).append(element)
        open_elements.append(element)

    def end(_: str) -> None:
        element = open_elements.pop()
        at = parser.CurrentByteIndex
        if data.endswith(b"/>", element.start, element.inner):
            element.tail = element.end = element.inner
        else:
            element.tail, element.end = at, data.index(b">", at) + 1

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    _run(parser, data, part)
    parser.StartElementHandler = parser.EndElementHandler = None  # they hold the tree, and the parser them
    return roots[0]


def attributes_of(data: bytes, name: str, *, part: str, most: int) -> list[dict[str, str]]:
    """Return the attributes of every element of a local name, without a tree: a tenth of its memory. Pure.

    Raises:
        UnreadableWorkbookError: As `parse` does; `xml-too-large` if there are more than `most` elements.
    """
    require_utf8(data, part=part)
    parser = _guarded_parser(part)
    listed: list[dict[str, str]] = []
    count = 0

    def start(written: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if count > most:
            raise _too_large(part)
        if written.rpartition(" ")[2] == name:
            listed.append(attributes)

    parser.StartElementHandler = start
    _run(parser, data, part)
    return listed


def check(data: bytes, *, part: str, root: str | None = None) -> None:
    """Check that a part is well-formed UTF-8 without a document type, at the parser's full speed.

    Raises:
        UnreadableWorkbookError: As `parse` does; `xml-damaged` too if the root has another name.
    """
    require_utf8(data, part=part)
    parser = _guarded_parser(part)

    def first(name: str, _: dict[str, str]) -> None:
        parser.StartElementHandler = None
        if root and name.rpartition(" ")[2] != root:
            raise UnreadableWorkbookError("xml-damaged", f"文件已损坏：{shown(part)} 里是别的内容", REPAIR)

    parser.StartElementHandler = first
    _run(parser, data, part)


def masked(data: bytes) -> bytes:
    """Return a well-formed part's bytes, same length, with nothing left that only looks like a tag.

    Comments, CDATA sections and processing instructions become spaces, and each `>` that ends no tag
    an underscore. `<` is not allowed in text or values, so in the result every `<` begins a tag and
    the next `>` ends it: plain patterns may look for tags, and the offsets hold in the part. Most
    parts hold none of these and are returned themselves. Pure.
    """
    declarations = 2 if data.startswith((b"<?", b"\xef\xbb\xbf<?")) else 0  # question marks; one byte is found fast
    is_plain = (b"!" not in data or b"<!" not in data) and (data.count(b"?") == declarations or data.find(b"<?", 5) < 0)
    if is_plain and data.count(b"<") == data.count(b">"):
        return data
    copy = bytearray(data)
    for lexeme in _LEXEME.finditer(data):
        start, end = lexeme.span()
        if data.startswith((b"<!", b"<?"), start):
            copy[start:end] = b" " * (end - start)
        else:
            last = end - 1 if end - start > 1 else end
            copy[start:last] = data[start:last].replace(b">", b"_")
    return bytes(copy)


def require_utf8(data: bytes, *, part: str) -> None:
    """Refuse a part whose bytes are not UTF-8 (or ASCII): offsets and new bytes would not fit it."""
    head = data[:256]
    declared = re.match(rb"""(?:\xef\xbb\xbf)?<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["']""", head)
    encoding = declared[1].decode("ascii", "replace").lower() if declared else "utf-8"
    if b"\0" in head or encoding not in {"utf-8", "utf8", "us-ascii", "ascii"}:
        raise UnreadableWorkbookError(
            "xml-encoding", f"{shown(part)} 不是 UTF-8 编码（{shown(encoding)}）", "请用 Excel 或 WPS 打开后另存"
        )


def has_element(data: bytes, name: str) -> bool:
    """Return whether a part has a start tag of that local name; one in a comment counts. Pure."""
    return re.search(rb"<(?:[^\s<>/:]+:)?%s[\s/>]" % name.encode(), data) is not None


def splice(data: bytes, inserts: Iterable[tuple[int, int, bytes]]) -> bytes:
    """Replace ranges (start, end, new) by new bytes; they may not overlap. Pure.

    An empty range inserts. Inserts at one place keep the order they come in.
    """
    return b"".join(spliced(data, inserts))


def spliced(
    data: bytes, inserts: Iterable[tuple[int, int, bytes]], *, rising: Iterable[tuple[int, int, bytes]] = ()
) -> Iterator[bytes | memoryview]:
    """Yield what `splice` returns piece by piece, so that a large part need not be in memory twice. Pure.

    `rising` are more inserts, the first where places are the same, which come in the order of their places.
    """
    source = memoryview(data)
    position = 0
    for start, end, new in _merged(rising, sorted(inserts, key=lambda item: item[:2])):
        if start < position:
            message = "edits overlap"
            raise ValueError(message)
        yield source[position:start]
        yield new
        position = end
    yield source[position:]


def _merged(
    many: Iterable[tuple[int, int, bytes]], few: Sequence[tuple[int, int, bytes]]
) -> Iterator[tuple[int, int, bytes]]:
    """Merge two rising sequences; where places are the same, those of the first come first.

    Nearly all come from the first: heapq.merge would build a key for each of them.
    """
    at = 0
    for item in many:
        while at < len(few) and few[at][:2] < item[:2]:
            yield few[at]
            at += 1
        yield item
    yield from few[at:]


def with_attributes(tag: bytes, **attributes: str | None) -> bytes:
    """Set attributes without a prefix in a start tag; None removes one. Pure."""
    for name, value in attributes.items():
        pattern = re.compile(rb"""\s%s\s*=\s*("[^"]*"|'[^']*')""" % name.encode())
        new = b"" if value is None else b' %s="%s"' % (name.encode(), escape(value))
        if pattern.search(tag):
            tag = pattern.sub(lambda _, new=new: new, tag, count=1)  # type: ignore[misc]
        elif value is not None:
            close = -2 if tag.endswith(b"/>") else -1
            tag = tag[:close].rstrip() + new + tag[close:]
    return tag


def name_of(data: bytes, element: Element) -> bytes:
    """Return an element's name as written, with its prefix. Pure."""
    written = re.match(rb"<([^\s/>]+)", data[element.start : element.inner])
    return written[1] if written else element.name.encode()


def prefix_of(data: bytes, element: Element) -> bytes:
    """Return an element's prefix with its colon, or nothing. Pure."""
    before, colon, _ = name_of(data, element).rpartition(b":")
    return before + colon


def text_of(data: bytes, element: Element) -> str:
    """Return the plain text of an element without children. Pure."""
    return unescape(data[element.inner : element.tail].decode())


def whole_number(text: str) -> int | None:
    """Read an attribute's whole number, of at most 18 digits; None if it is none. Pure."""
    written = text.strip()
    return int(written) if _WHOLE.fullmatch(written) else None


def escape(text: str) -> bytes:
    """Escape text for an attribute in double quotes, or for content. Pure."""
    return text.translate(_SAFE).encode()


def place_for(root: Element, name: str, order: Sequence[str]) -> int:
    """Return the offset for a new child among a root's children, which are in that order. Pure."""
    rank = order.index(name)
    at = root.inner
    for child in root.children:
        if child.name in order and child.namespace == root.namespace and order.index(child.name) <= rank:
            at = max(at, child.end)
    return at


def grow(data: bytes, collection: Element, new: bytes, more: int) -> list[tuple[int, int, bytes]]:
    """Plan the growth of a collection: new members last, and its `count`, where it states one. Pure."""
    tag = data[collection.start : collection.inner]
    stated = whole_number(collection.attributes.get("count", ""))
    if stated is not None:
        tag = with_attributes(tag, count=str(stated + more))
    if not collection.self_closed:
        return [(collection.start, collection.inner, tag), (collection.tail, collection.tail, new)]
    close = b"</" + name_of(data, collection) + b">"
    return [(collection.start, collection.end, tag[:-2].rstrip() + b">" + new + close)]


def _too_large(part: str) -> UnreadableWorkbookError:
    return UnreadableWorkbookError(
        "xml-too-large", f"{shown(part)} 的结构过大或嵌套过深", "请用 Excel 或 WPS 打开，删去不用的格式后另存"
    )


def _guarded_parser(part: str) -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=" ")

    def refuse(*_: object) -> NoReturn:
        raise UnreadableWorkbookError(
            "xml-doctype", f"{shown(part)} 里有 DOCTYPE 或实体声明，工作簿里不该有", "请用 Excel 或 WPS 打开后另存"
        )

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    return parser


def _run(parser: expat.XMLParserType, data: bytes, part: str) -> None:
    try:
        parser.Parse(data, True)  # noqa: FBT003 - expat takes it by position
    except expat.ExpatError as error:
        raise UnreadableWorkbookError(
            "xml-damaged",
            f"文件已损坏：{shown(part)} 第 {error.lineno} 行读不通",
            REPAIR,
        ) from error
    except (LookupError, ValueError) as error:  # what Python says of an encoding that expat asks it for
        raise UnreadableWorkbookError(
            "xml-encoding", f"{shown(part)} 的编码不是 Excel 会用的", "请用 Excel 或 WPS 打开后另存"
        ) from error
