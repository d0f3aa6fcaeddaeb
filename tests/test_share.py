"""A share for each scope, its pages too, decrypted by other readers and searched for everybody else (practice §11)."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pikepdf
import pypdf
import pytest

from tests import shared_books
from tests.shared_books import EVERYBODY, OF_THE_BOOK, PASSWORD, SCOPES, hits, only_folder, share


@pytest.fixture
def books(tmp_path: Path) -> Path:
    return shared_books.write_books(tmp_path)


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    return shared_books.write_password(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("role", SCOPES)
def test_a_share_holds_its_scope_and_nothing_of_the_rest(
    role: str, books: Path, password_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    options, inside = SCOPES[role]
    outside = [one for one in EVERYBODY if one not in inside]
    assert share(books, tmp_path / "out", *options, "--password-file", str(password_file)) == 0
    folder = only_folder(tmp_path / "out")
    for path in folder.glob("*.pdf"):
        sealed_pdf = pypdf.PdfReader(path)
        assert (sealed_pdf.decrypt("wrong"), bool(sealed_pdf.decrypt(PASSWORD))) == (0, True)
        with pytest.raises(pikepdf.PasswordError):
            pikepdf.open(path, password="wrong")  # noqa: S106
        with pikepdf.open(path, password=PASSWORD) as pdf:
            assert (pdf.encryption.R, pdf.encryption.bits) == (6, 256)
    plain = dict(shared_books.opened(folder))
    assert {"客户台账.xlsx", "清单.xlsx", "2026-10-执行报告.pdf", "跟进清单-01.pdf"} <= plain.keys()
    assert hits(plain, [text for one in outside for text in one.searched]) == []
    whole = OF_THE_BOOK if outside else OF_THE_BOOK[-1:]
    assert hits(plain, whole) == []
    printed = "".join(text for name in plain if name.endswith(".pdf") for text in shared_books.texts(name, plain[name]))
    routine = "数据问题见评审包"  # a text of the policy
    assert "评审包" not in "".join(printed.split()).replace(routine, "")  # which is not in a share
    for kind in ("客户台账", "清单", "附件"):
        read = "".join(text for name in plain if kind in name for text in shared_books.texts(name, plain[name]))
        assert all(one.key in read and one.name in read for one in inside), kind
    assert hits(plain, [one.phone for one in inside]) == []  # masked
    sealed = b"".join(path.read_bytes() for path in folder.iterdir())
    assert list(temporary.rglob("*")) == []
    assert not any(one.key.encode() in sealed or one.name.encode() in sealed for one in EVERYBODY)


def test_the_search_finds_what_it_looks_for() -> None:
    found = hits({"客户台账.xlsx": shared_books.book()}, [text for one in EVERYBODY for text in one.searched[:4]])
    assert {text for _, text in found} == {text for one in EVERYBODY for text in one.searched[:4]}
