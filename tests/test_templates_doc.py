"""`docs/templates.md` says what a template is given: it is made from the values, and compared with them."""

import re
from pathlib import Path

import pytest

from scripts.templates_doc import PAGES, templates_page
from sheetcrm.report.pages.filters import FILTERS
from sheetcrm.report.pages.template_files import shipped_templates
from tests.reporting import assessment, documents_of

PAGE = Path(__file__).parent.parent / "docs" / "templates.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == templates_page()


def test_every_filter_is_listed() -> None:
    assert {name for name in FILTERS if f"| `{name}` |" not in templates_page()} == set()


def test_every_template_that_is_a_page_is_listed_with_what_it_is_given() -> None:
    shipped = {path.name for path in shipped_templates().glob("*.html")}
    parts = {
        "_charts.html",
        "_conclusions.html",
        "_frame.html",
        "_lists.html",
        "_macros.html",
        "_method.html",
        "pack_customer.html",
        "pack_frame.html",
        "pack_macros.html",
        "pack_words.html",
    }
    assert shipped - parts == set(PAGES)
    for page in set(PAGES.values()):
        assert f"### {page.__name__}\n" in templates_page()


@pytest.mark.slow
def test_every_field_listed_can_be_printed(tmp_path: Path) -> None:
    said = re.split(r"^### ", templates_page(), flags=re.MULTILINE)
    members = next(part for part in said if part.startswith("TierPage\n"))
    names = re.findall(r"^\| `(\w+)` \|", members, re.MULTILINE)
    assert len(names) > 10
    for name in names:
        (tmp_path / "tier.html").write_text(f"{{{{ page.{name}|string|length }}}}", encoding="utf-8")
        assert documents_of([assessment()], templates=[tmp_path])[0].html.isdigit()


def test_no_template_reaches_a_record_or_a_sheet() -> None:
    for name in ("ServiceRequest", "Table", "Customer", "Assessment"):
        assert f"### {name}\n" not in templates_page()
