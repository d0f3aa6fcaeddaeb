"""Reads and rewrites the zip container: members are read one by one, copied as they are, or replaced.

The standard library reads zips for their content; here their form matters too. A member that is not
replaced keeps its compressed bytes, its place, times, attributes and name, so that whoever compares
the file before and after finds the difference only where one was made.

What others sent is inflated by the standard library's zlib; what is new is deflated by zlib-ng.

Layout and field names follow PKWARE's APPNOTE 6.3.9. Zip64 fields are read; they are written back
only where the local header of an untouched member holds them, since no workbook within the guard's
limits needs them.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import NoReturn, TypeAlias

from zlib_ng import zlib_ng

from sheetcrm.errors import UnreadableWorkbookError

LOCAL_SIGNATURE = b"PK\x03\x04"
STORED, DEFLATED = 0, 8
_GATHERED = 800
"""Pieces compressed at once: of a sheet, some hundred kilobytes."""

_END = struct.Struct("<4s4H2IH")
_END64_LOCATOR = struct.Struct("<4sIQI")
_END64 = struct.Struct("<4sQ2H2I4Q")
_RECORD = struct.Struct("<4s6H3I5H2I")
_LOCAL = struct.Struct("<4s5H3I2H")

_ENCRYPTED_FLAGS = 0x0001 | 0x0020 | 0x0040 | 0x2000
_DESCRIPTOR_FLAG = 0x0008
_OPTION_FLAGS = 0x0006
_UTF8_FLAG = 0x0800
_ZIP64_EXTRA = 0x0001
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF
_FIRST_DAY = 1 << 5 | 1
"""1 January 1980, as a zip writes days."""

_SHOWN = 60
_INPUT_STEP = 1 << 16
_OUTPUT_STEP = 1 << 20
_LEVEL = 3
"""A quarter of the time of zlib's default for some 15 % more bytes; Excel itself deflates faster and larger."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the archive: the place of its bytes and its entry in the central directory."""

    name: str
    flags: int
    method: int
    crc: int
    compressed_size: int
    size: int
    """As declared. `inflate` holds the content to it."""
    offset: int
    """Of the local header."""
    start: int
    """Of the compressed bytes."""
    end: int
    """After the compressed bytes and their data descriptor, if any."""
    record: bytes
    """Its record in the central directory, as stored."""


@dataclass(frozen=True, slots=True)
class Archive:
    """A zip file and its members, in the order of the central directory."""

    data: bytes
    members: tuple[Member, ...]
    comment: bytes


def read_archive(data: bytes) -> Archive:
    """Read the central directory and check that it agrees with the local headers. Pure.

    Raises:
        UnreadableWorkbookError: `workbook-damaged` if the structure does not hold together,
            `parts-overlap` if two members share bytes, `workbook-encrypted` if one is enciphered.
    """
    try:
        return _read_archive(data)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        _damaged("压缩包的目录读不通", error)


def inflate(archive: Archive, member: Member) -> Iterator[bytes]:
    """Yield a member's content in pieces of at most 1 MB; never more in all than it declares.

    Raises:
        UnreadableWorkbookError: `workbook-damaged` if the bytes end early, do not inflate, are more
            or fewer than declared, or fail the checksum.
    """
    compressed = memoryview(archive.data)[member.start : member.start + member.compressed_size]
    total, crc = 0, 0
    try:
        for piece in _pieces(compressed, member.method):
            total += len(piece)
            if total > member.size:
                _damaged(f"{shown(member.name)} 展开后比声明的 {member.size} 字节还多")
            crc = zlib.crc32(piece, crc)
            yield piece
    except zlib.error as error:
        _damaged(f"{shown(member.name)} 解压失败", error)
    if total != member.size:
        _damaged(f"{shown(member.name)} 声明 {member.size} 字节，只有 {total} 字节")
    if crc != member.crc:
        _damaged(f"{shown(member.name)} 校验和不符")


def content(archive: Archive, member: Member) -> bytes:
    """Return a member's whole content; raises as `inflate` does. Pure."""
    whole = io.BytesIO()  # grows in place, where joined pieces would be in memory twice
    for piece in inflate(archive, member):
        whole.write(piece)
    return whole.getvalue()


Content: TypeAlias = "bytes | Iterable[bytes | memoryview]"
"""A member's content, whole or in pieces; pieces are taken once."""


def replace(archive: Archive, changes: Mapping[str, Content], added: Mapping[str, Content] | None = None) -> bytes:
    """Write the archive again with the content of some members changed; by name, as stored. Pure.

    Every other member is copied with its local header, compressed bytes and data descriptor. The
    order of members and of directory records, times, attributes, names and extra fields stay. Added
    members come last, in ASCII names that no member has.
    """
    pieces: list[bytes | memoryview] = []
    placed: dict[int, tuple[int, Member]] = {}
    source = memoryview(archive.data)
    position = 0
    for member in sorted(archive.members, key=lambda m: m.offset):
        new = member
        body: list[bytes | memoryview] = [source[member.offset : member.end]]
        if member.name in changes:
            body, new = _deflated(archive, member, changes[member.name])
        placed[member.offset] = (position, new)
        pieces += body
        position += sum(len(piece) for piece in body)
    records = [_record(member, *placed[member.offset]) for member in archive.members]
    for name, new_content in (added or {}).items():
        body, record = _added(name, new_content, position)
        pieces += body
        position += sum(len(piece) for piece in body)
        records.append(record)
    directory, count = b"".join(records), len(records)
    end = _END.pack(b"PK\x05\x06", 0, 0, count, count, len(directory), position, len(archive.comment))
    return b"".join([*pieces, directory, end, archive.comment])


def shown(name: str) -> str:
    """Format a part name for a message: printable characters only, cut to a readable length. Pure."""
    printable = "".join(c if c.isprintable() else "?" for c in name)
    return printable if len(printable) <= _SHOWN else printable[:_SHOWN] + "…"


def _read_archive(data: bytes) -> Archive:
    at = data.rfind(b"PK\x05\x06", max(0, len(data) - _END.size - _FULL16))
    if at < 0 or len(data) - at < _END.size:
        _damaged("文件不完整，缺少压缩包的结尾")
    _, disk, first_disk, _, count, size, offset, comment_size = _END.unpack_from(data, at)
    comment = data[at + _END.size : at + _END.size + comment_size]
    if disk or first_disk:
        _damaged("这是分卷压缩包的一卷")
    directory_end = at
    if count == _FULL16 or _FULL32 in {size, offset}:
        directory_end, count, size, offset = _zip64_end(data, at)
    if offset + size != directory_end:
        _damaged("压缩包的目录不在它声明的位置")

    members: list[Member] = []
    position = offset
    while position < directory_end:
        length = _record_length(data, position)
        members.append(_member(data, data[position : position + length], offset))
        position += length
    if len(members) != count:
        _damaged(f"压缩包声明 {count} 个部件，目录里有 {len(members)} 个")
    _refuse_overlaps(members)
    return Archive(data, tuple(members), comment)


def _zip64_end(data: bytes, end: int) -> tuple[int, int, int, int]:
    locator = end - _END64_LOCATOR.size
    if locator < 0:
        _damaged("压缩包的结尾读不通")
    signature, _, at, _ = _END64_LOCATOR.unpack_from(data, locator)
    if signature != b"PK\x06\x07" or at > locator - _END64.size:
        _damaged("压缩包的结尾读不通")
    signature, _, _, _, disk, first_disk, _, count, size, offset = _END64.unpack_from(data, at)
    if signature != b"PK\x06\x06" or disk or first_disk:
        _damaged("压缩包的结尾读不通")
    return at, count, size, offset


def _record_length(data: bytes, position: int) -> int:
    signature, *_, name_size, extra_size, comment_size, _, _, _, _ = _RECORD.unpack_from(data, position)
    if signature != b"PK\x01\x02":
        _damaged("压缩包的目录读不通")
    return int(_RECORD.size + name_size + extra_size + comment_size)


def _member(data: bytes, record: bytes, directory: int) -> Member:
    (_, _, _, flags, method, _, _, crc, packed, size, name_size, extra_size, *_, offset) = _RECORD.unpack_from(record)
    raw_name = record[_RECORD.size : _RECORD.size + name_size]
    extra = record[_RECORD.size + name_size : _RECORD.size + name_size + extra_size]
    if _FULL32 in {packed, size, offset}:
        size, packed, offset = _zip64_sizes(extra, size, packed, offset)
    name = raw_name.decode("utf-8" if flags & _UTF8_FLAG else "cp437")
    if flags & _ENCRYPTED_FLAGS:
        raise UnreadableWorkbookError(
            "workbook-encrypted", f"{shown(name)} 是加密的", "请在原来的软件里去掉密码后重新保存为 .xlsx"
        )
    if method not in {STORED, DEFLATED}:
        _damaged(f"{shown(name)} 用了 Excel 不用的压缩方法（{method}）")
    if data[offset : offset + 4] != LOCAL_SIGNATURE:
        _damaged(f"找不到 {shown(name)} 的内容")
    local = _LOCAL.unpack_from(data, offset)
    start = offset + _LOCAL.size + local[9] + local[10]
    if data[offset + _LOCAL.size : offset + _LOCAL.size + local[9]] != raw_name:
        _damaged(f"{shown(name)} 在压缩包里有两个名字")
    if local[3] != method or start + packed > directory:
        _damaged(f"{shown(name)} 的两处说明不一致")
    end = start + packed
    if flags & _DESCRIPTOR_FLAG:
        end = _after_descriptor(data, end, crc, packed, size)
    return Member(name, flags, method, crc, packed, size, offset, start, min(end, directory), record)


def _zip64_sizes(extra: bytes, size: int, packed: int, offset: int) -> tuple[int, int, int]:
    """Read from the zip64 field the numbers that the record itself could not hold, in their fixed order."""
    stored = next((extra[start:end] for key, start, end in _extra_fields(extra) if key == _ZIP64_EXTRA), b"")
    values = [value for (value,) in struct.iter_unpack("<Q", stored[: len(stored) // 8 * 8])]
    numbers = [values.pop(0) if number == _FULL32 else number for number in (size, packed, offset)]
    return numbers[0], numbers[1], numbers[2]


def _extra_fields(extra: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield key, start and end of each extra field's data; trailing bytes that are no field are skipped."""
    position = 0
    while position + 4 <= len(extra):
        key, size = struct.unpack_from("<HH", extra, position)
        yield key, position + 4, min(position + 4 + size, len(extra))
        position += 4 + size


def _after_descriptor(data: bytes, position: int, crc: int, packed: int, size: int) -> int:
    """Find the end of a data descriptor in any of its four forms; without one, nothing is skipped."""
    for signature in (b"PK\x07\x08", b""):
        for form in ("<III", "<IQQ"):
            if form == "<III" and max(packed, size) > _FULL32:
                continue
            descriptor = signature + struct.pack(form, crc, packed, size)
            if data.startswith(descriptor, position):
                return position + len(descriptor)
    return position


def _refuse_overlaps(members: list[Member]) -> None:
    end = 0
    for member in sorted(members, key=lambda m: m.offset):
        if member.offset < end:
            raise UnreadableWorkbookError(
                "parts-overlap",
                f"{shown(member.name)} 与另一个部件占用同一段内容，这不是 Excel 会保存出来的文件",
                "请向发送人要原文件，不要用这一份",
            )
        end = member.end


def _pieces(compressed: memoryview, method: int) -> Iterator[bytes]:
    if method == STORED:
        for position in range(0, len(compressed), _OUTPUT_STEP):
            yield bytes(compressed[position : position + _OUTPUT_STEP])
        return
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    for position in range(0, len(compressed), _INPUT_STEP):
        waiting: bytes | memoryview = compressed[position : position + _INPUT_STEP]
        while waiting:
            piece = inflater.decompress(waiting, _OUTPUT_STEP)
            if piece:
                yield piece
            waiting = inflater.unconsumed_tail
    while piece := inflater.decompress(b"", _OUTPUT_STEP):
        yield piece
    if not inflater.eof:
        raise zlib.error("incomplete stream")


def _deflated(archive: Archive, member: Member, new: Content) -> tuple[list[bytes | memoryview], Member]:
    blocks, packed, size, crc = _compressed(new)
    _, version, _, _, time, date, _, _, _, name_size, extra_size = _LOCAL.unpack_from(archive.data, member.offset)
    name_at = member.offset + _LOCAL.size
    name = archive.data[name_at : name_at + name_size]
    extra = _without_zip64(archive.data[name_at + name_size : name_at + name_size + extra_size])
    flags = member.flags & ~(_DESCRIPTOR_FLAG | _OPTION_FLAGS)
    sizes = (packed, size, len(name), len(extra))
    header = _LOCAL.pack(LOCAL_SIGNATURE, max(version, 20), flags, DEFLATED, time, date, crc, *sizes)
    replaced = Member(member.name, flags, DEFLATED, crc, packed, size, 0, 0, 0, member.record)
    return [header + name + extra, *blocks], replaced


def _added(name: str, new: Content, position: int) -> tuple[list[bytes | memoryview], bytes]:
    """Make a member that was not there, of 1 January 1980 so that the same content gives the same bytes."""
    blocks, packed, size, crc = _compressed(new)
    raw_name = name.encode("ascii")
    fields = (20, 0, DEFLATED, 0, _FIRST_DAY, crc, packed, size, len(raw_name), 0)
    header = _LOCAL.pack(LOCAL_SIGNATURE, *fields) + raw_name
    record = _RECORD.pack(b"PK\x01\x02", 20, *fields, 0, 0, 0, 0, position) + raw_name
    return [header, *blocks], record


def _compressed(new: Content) -> tuple[list[bytes | memoryview], int, int, int]:
    """Deflate content; return its blocks, their size, and the content's own size and checksum."""
    deflater = zlib_ng.compressobj(_LEVEL, zlib_ng.DEFLATED, -zlib_ng.MAX_WBITS)
    blocks: list[bytes | memoryview] = []
    size, crc = 0, 0
    for block in (new,) if isinstance(new, bytes) else _blocks(new):
        blocks.append(deflater.compress(block))
        size, crc = size + len(block), zlib_ng.crc32(block, crc)
    blocks.append(deflater.flush())
    return blocks, sum(map(len, blocks)), size, crc


def _blocks(pieces: Iterable[bytes | memoryview]) -> Iterator[bytes]:
    """Gather many small pieces into blocks worth compressing at once."""
    waiting = iter(pieces)
    while gathered := list(islice(waiting, _GATHERED)):
        yield b"".join(gathered)


def _record(old: Member, offset: int, new: Member) -> bytes:
    """Rewrite a directory record for the member's new place, and its new content if it has one."""
    fields = list(_RECORD.unpack_from(old.record))
    name_end = _RECORD.size + fields[10]
    extra = old.record[name_end : name_end + fields[11]]
    comment = old.record[name_end + fields[11] :]
    if new is not old or _FULL32 in {fields[8], fields[9], fields[16]}:
        extra = _without_zip64(extra)
        fields[2], fields[3], fields[4] = max(fields[2], 20), new.flags, new.method
        fields[7:10] = new.crc, new.compressed_size, new.size
        fields[11] = len(extra)
    fields[16] = offset
    return _RECORD.pack(*fields) + old.record[_RECORD.size : name_end] + extra + comment


def _without_zip64(extra: bytes) -> bytes:
    for key, start, end in _extra_fields(extra):
        if key == _ZIP64_EXTRA:
            return extra[: start - 4] + extra[end:]
    return extra


def _damaged(what: str, cause: Exception | None = None) -> NoReturn:
    raise UnreadableWorkbookError(
        "workbook-damaged",
        what if what.startswith("文件") else f"文件已损坏：{what}",
        "请用 Excel 或 WPS 打开并修复后另存，或请发送人重新导出",
    ) from cause
