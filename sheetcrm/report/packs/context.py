"""The inputs that all packs of a run share, and the parts made of them once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sheetcrm.model import Assessment, Lifetime, Period
from sheetcrm.policy.run import Results
from sheetcrm.privacy import Gate
from sheetcrm.report.packs import customers
from sheetcrm.report.packs.kinds import SHOWING_CONTACTS, Wanted
from sheetcrm.report.packs.pack_views import CustomerView, Head
from sheetcrm.report.pages.cover_and_method import several
from sheetcrm.report.pages.filling import Pages
from sheetcrm.report.pages.views import Cover, TierView

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PackContext:
    """The results of a run, the request, and everything needed to print it.

    `gate` hides what is personal in what no page is filled with.
    `tiers` are the tiers by name, `stems` name each customer's files by 客户编号. `worth` computes the
    客户终身价值, where a pack that is asked for shows it.
    """

    results: Results
    wanted: Wanted
    pages: Pages
    gate: Gate
    cover: Cover
    tiers: Mapping[str, TierView]
    stems: Mapping[str, str]
    worth: Callable[[Assessment], Lifetime] | None

    def of_customers(self) -> Iterator[Assessment]:
        """Yield the customers asked for by number, whoever owns them."""
        asked = self.wanted.customers
        return (entry for entry in self.results.assessments if not asked or entry.customer.customer_id in asked)

    def chosen(self) -> Iterator[Assessment]:
        """Yield the customers asked for, by number and by owner."""
        owners = self.wanted.owners
        return (assessment for assessment in self.of_customers() if not owners or assessment.owner in owners)

    def view(self, assessment: Assessment) -> CustomerView:
        """Build the view of a customer."""
        return customers.view(
            assessment,
            self.results.run,
            unmasked=self.wanted.unmasked,
            worth=self.worth(assessment) if self.worth else None,
        )

    def head(
        self,
        title: str,
        *,
        number: str = "",
        subject: str = "",
        scope: str = "",
        part: tuple[int, int] = (1, 1),
        of: Iterable[Assessment] = (),
    ) -> Head:
        """Build the head of a pack of some customers, or of all; `part` is its volume, and how many there are."""
        run, cover = self.results.run, self.cover
        volume, volumes = part
        return Head(
            title=title,
            subject=subject or (f"{title}-{number}" if number else title),
            number=number,
            scope=scope,
            unit=cover.unit,
            department=several(entry.department for entry in of) or cover.department,
            secrecy=cover.secrecy,
            run_id=cover.run_id,
            period=run.period.label,
            when=_when(run.period),
            as_of=run.as_of,
            issued=run.calendar.next_workday(run.as_of + _DAY),
            unmasked=self.wanted.unmasked and title in SHOWING_CONTACTS,
            volume=volume,
            volumes=volumes,
            binding=cover.binding,
        )


def _when(period: Period) -> str:
    """Write a period in words."""
    start, label = period.start, period.label
    if "Q" in label:
        return f"{start.year}年第{label[-1]}季度"
    return f"{start.year}年{start.month}月" if "-" in label else f"{start.year}年度"
