"""Refuses hostile, damaged and foreign files before anything parses them, each by the kind of file it is.

Nothing here trusts the claims of a file: sizes are counted while inflating, names are compared
as every reader would fold them, and the cells of a worksheet are counted in its bytes.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import NoReturn

from sheetcrm.errors import UnreadableWorkbookError
from sheetcrm.ooxml.archive import Archive, Member, content, inflate, read_archive, shown

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CONTENT_TYPES = "[content_types].xml"

_DECLARED_ENCODING = re.compile(rb"""^<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["']""")
_KNOWN_ENCODING = re.compile(
    rb"(?i)utf-?8|utf-?16(?:le|be)?|us-ascii|ascii|iso-8859-\d+|windows-125\d|gb2312|gbk|gb18030"
)
_LONG_MARKUP = {b"<!--": b"-->", b"<![CDATA[": b"]]>", b"<?": b"?>"}
_MARKUP = re.compile(rb"<!--|<!\[CDATA\[|<\?|<![A-Za-z]")
_BLANK = b" \t\r\n"
_WIDE_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_XML_NAME = re.compile(r"(?i).*\.(?:xml|rels|vml)")
_PICTURE_NAME = re.compile(r"(?i)(?:.*[/\\])?media[/\\].*\.svg")
_OVERLAP = 16
_SAVE_AS = "“另存为”“Excel 工作簿 (*.xlsx)”"
_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class PackageLimits:
    """The resources a workbook may use. The defaults are far above any real workbook."""

    content: int = 512 << 20
    """Bytes of the whole package when inflated."""
    parts: int = 1000
    token: int = 1 << 20
    """Bytes of a single piece of XML: a tag, a comment, a run of text."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """The facts about a file that may be opened."""

    content: int
    """Bytes of the whole package when inflated."""
    signed: bool
    """Whether it carries a digital signature: it may be read, but any change would void it."""


DEFAULT_LIMITS = PackageLimits()


def inspect(data: bytes, *, file: str, limits: PackageLimits = DEFAULT_LIMITS) -> Inspection:
    """Check a workbook's package from end to end, holding no more than a megabyte of it. Pure.

    Args:
        data: The file's bytes.
        file: Its name; it distinguishes an old binary workbook from WPS's own format.
        limits: The resources it may use.

    Returns:
        Its size when inflated, and whether it is signed.

    Raises:
        UnreadableWorkbookError: Of the kind that names the problem. The kinds `workbook-xls`,
            `workbook-et`, `workbook-xlsb` and `workbook-ods` are formats another reader may know;
            the last two are raised only after the package was found harmless.
    """
    if not data.startswith(b"PK\x03\x04"):
        _refuse_other_file(data, file)
    archive = read_archive(data)
    _check_names(archive, limits)
    declared = 0
    for member in archive.members:
        declared += member.size
        if declared > limits.content:
            _refuse(
                "workbook-too-large",
                f"展开后超过 {limits.content >> 20} MB，到 {shown(member.name)} 为止已有 {declared >> 20} MB",
                "请删去不用的工作表、图片和整列格式，或按月份、区域或客户经理分成几个文件",
            )
    for member in archive.members:
        _check_content(archive, member, limits)
    _refuse_other_package(archive)
    return Inspection(declared, _is_signed(archive))


# --- files that are no zip ---------------------------------------------------------------------------


def _refuse_other_file(data: bytes, file: str) -> NoReturn:
    if not data:
        _refuse("workbook-empty", "文件是空的（0 字节）", "请重新导出或重新下载这份表格")
    if data.startswith(_OLE):
        _refuse_ole(data, file)
    if data.startswith((b"PK\x05\x06", b"PK\x07\x08")) or b"PK\x03\x04" in data[:1024]:
        _refuse("workbook-damaged", "文件已损坏：压缩包前面有别的内容，或里面是空的", "请向发送人要原文件，或重新导出")
    _refuse(
        "workbook-not-excel",
        f"这不是 Excel 工作簿，而是{_guess(data)}，只是名字像",
        f"请用 Excel 或 WPS 打开它，再{_SAVE_AS}",
    )


def _refuse_ole(data: bytes, file: str) -> NoReturn:
    def has(stream: str) -> bool:
        return stream.encode("utf-16-le") in data

    if has("EncryptedPackage"):
        _refuse(
            "workbook-encrypted",
            "文件设了打开密码",
            "请在 Excel 里打开，在“文件—信息—保护工作簿—用密码进行加密”中清空密码后保存",
        )
    if file.lower().endswith(".et"):
        _refuse("workbook-et", "这是 WPS 表格自己的 .et 格式", "请在 WPS 里“另存为”“Excel 文件 (*.xlsx)”")
    if has("Workbook") or has("Book"):
        _refuse("workbook-xls", "这是旧的 .xls 格式（Excel 97-2003）", f"请在 Excel 或 WPS 里{_SAVE_AS}")
    _refuse("workbook-not-excel", "这是旧格式的 Office 文件，不是 Excel 工作簿", "请换成 .xlsx 工作簿")


def _guess(data: bytes) -> str:
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    signs = (
        (b"%PDF", "一份 PDF"),
        (b"\x89PNG", "一张图片"),
        (b"\xff\xd8\xff", "一张图片"),
        (b"GIF8", "一张图片"),
        (b"Rar!", "一个 RAR 压缩包"),
        (b"7z\xbc\xaf", "一个 7z 压缩包"),
        (b"\x1f\x8b", "一个 gz 压缩包"),
        (b"\t\x08", "一份更老的 .xls"),
    )
    for sign, name in signs:
        if head.startswith(sign):
            return name
    if re.match(rb"(?i)<!doctype html|<html|<table|<meta|<style", head):
        return "一个网页（系统导出的假 .xls 常是这样）"
    if head.startswith(b"<?xml"):
        return "一份 XML 文本"
    if b"\0" not in head or data.startswith(_BYTE_ORDER_MARKS):
        return "纯文本（例如 CSV）"
    return "别的文件"


# --- zips ----------------------------------------------------------------------------------------------


def _check_names(archive: Archive, limits: PackageLimits) -> None:
    if len(archive.members) > limits.parts:
        _refuse(
            "parts-too-many",
            f"文件里有 {len(archive.members)} 个部件，超过 {limits.parts} 个",
            "请删去不用的工作表、图片和批注后另存",
        )
    seen: dict[str, str] = {}
    for member in archive.members:
        name = member.name.replace("\\", "/")
        if name.startswith("/") or ".." in name.split("/") or re.match(r"[A-Za-z]:|.*[\x00-\x1f]", name):
            _refuse(
                "part-name-unsafe",
                f"部件名 {shown(member.name)} 指向文件之外，这不是 Excel 会保存出来的文件",
                "请向发送人要原文件，不要用这一份",
            )
        key = name.casefold()
        if key in seen:
            _refuse(
                "part-duplicated",
                f"部件 {shown(member.name)} 有两份，各个软件会读出不同的内容",
                "请用 Excel 或 WPS 打开，核对内容后另存为新文件",
            )
        seen[key] = name


def _check_content(archive: Archive, member: Member, limits: PackageLimits) -> None:
    """Inflate a member to its end, counting bytes, and refuse content that no part of a workbook may hold."""
    check = None
    for number, piece in enumerate(inflate(archive, member)):
        if number == 0 and _looks_like_xml(member.name, piece):
            check = _XmlCheck(member.name, limits.token, piece)
        if check:
            check.feed(piece)


def _looks_like_xml(name: str, head: bytes) -> bool:
    """Return whether a parser could take a part for XML: by its name, or by its first sign after any blanks."""
    start = head.lstrip(b"\xef\xbb\xbf\xff\xfe\0" + _BLANK)
    if _PICTURE_NAME.fullmatch(name) and b"<svg" in head:
        return False
    return _XML_NAME.fullmatch(name) is not None or not start or start.startswith(b"<")


def _wide_encoding(head: bytes) -> str | None:
    """Return the encoding of a part that has two bytes a sign, by its mark or by the zero beside its first sign."""
    if head[:2] in _WIDE_MARKS:
        return _WIDE_MARKS[head[:2]]
    if head[:1] == b"\0":
        return "utf-16-be"
    return "utf-16-le" if head[1:2] == b"\0" else None


class _XmlCheck:
    """Checks a part, piece by piece, for DOCTYPE, entities, odd encodings and endless tokens."""

    def __init__(self, name: str, token: int, head: bytes) -> None:
        """Check the XML declaration in the first piece; `feed` gets that piece too."""
        self._name = name
        self._limit = token
        self._bounded = not name.lower().startswith("customxml")  # nobody parses those; Power Query's are long
        wide = _wide_encoding(head)
        self._decoder = codecs.getincrementaldecoder(wide)("replace") if wide else None
        self._since_tag = 0
        self._closing = b""
        self._inside = 0
        self._tail = b""
        begin = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe" + _BLANK)
        declared = _DECLARED_ENCODING.match(begin)
        if declared and not _KNOWN_ENCODING.fullmatch(declared[1]):
            _refuse(
                "xml-encoding",
                f"{shown(name)} 的编码 {shown(declared[1].decode('ascii', 'replace'))} 不是 Excel 会用的",
                "请用 Excel 或 WPS 打开后另存",
            )

    def feed(self, piece: bytes) -> None:
        """Check the next piece of the part."""
        text = piece
        if self._decoder:  # as another parser would see it; what is left of zeros is four bytes a sign
            text = self._decoder.decode(piece).encode("utf-8", "replace").replace(b"\0", b"")
        first = text.find(b"<")  # without a `<` no new tag and no new text: the distance bounds the token
        self._require_short(self._since_tag + (len(text) if first < 0 else first))
        self._since_tag = self._since_tag + len(text) if first < 0 else len(text) - text.rfind(b"<")
        text = self._tail + text
        done = self._scan(text) if self._closing or b"<!" in text or b"<?" in text else 0
        self._tail = text[max(done, len(text) - _OVERLAP) :]

    def _scan(self, text: bytes) -> int:
        """Skip comments, CDATA and instructions, refuse declarations; return the offset the text is done up to."""
        position = 0
        while True:
            if self._closing:
                end = text.find(self._closing, position)
                self._inside += (end if end >= 0 else len(text)) - position
                self._require_short(self._inside)
                if end < 0:
                    return len(text) - len(self._closing) + 1
                position, self._closing = end + len(self._closing), b""
            markup = _MARKUP.search(text, position)
            if not markup:
                return position
            if markup[0] not in _LONG_MARKUP:
                _refuse(
                    "xml-doctype",
                    f"{shown(self._name)} 里有 DOCTYPE 或实体声明，工作簿里不该有",
                    "请用 Excel 或 WPS 打开后另存，或向发送人要原文件",
                )
            position, self._closing, self._inside = markup.end(), _LONG_MARKUP[markup[0]], 0

    def _require_short(self, length: int) -> None:
        if self._bounded and length > self._limit:
            _refuse(
                "xml-token-too-long",
                f"{shown(self._name)} 里有一段超过 {self._limit >> 10} KB 的标记或文字",
                "请用 Excel 或 WPS 打开后另存，或向发送人要原文件",
            )


def _refuse_other_package(archive: Archive) -> None:
    """Refuse a zip that is whole and harmless but no .xlsx or .xlsm, by its format."""
    names = {member.name.replace("\\", "/").lower(): member for member in archive.members}
    if "mimetype" in names and content(archive, names["mimetype"]).startswith(b"application/vnd.oasis.opendocument"):
        _refuse("workbook-ods", "这是 OpenDocument（.ods）格式", f"请用 Excel、WPS 或 LibreOffice {_SAVE_AS}")
    if "xl/workbook.bin" in names:
        _refuse("workbook-xlsb", "这是二进制工作簿（.xlsb）", f"请在 Excel 里{_SAVE_AS}")
    if "word/document.xml" in names or "ppt/presentation.xml" in names:
        _refuse("workbook-not-excel", "这是 Word 或 PowerPoint 文件，不是 Excel 工作簿", "请换成 .xlsx 工作簿")
    if _CONTENT_TYPES not in names:
        _refuse(
            "workbook-not-excel",
            "这是一个压缩包，不是 Excel 工作簿",
            "请先解压，把里面的 .xlsx 放进来",
        )


def _is_signed(archive: Archive) -> bool:
    return any(member.name.replace("\\", "/").lower().startswith("_xmlsignatures/") for member in archive.members)


def _refuse(kind: str, what: str, fix: str) -> NoReturn:
    raise UnreadableWorkbookError(kind, what, fix)
