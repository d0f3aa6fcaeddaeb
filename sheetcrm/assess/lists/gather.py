"""Makes all lists of a period (practice §10). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sheetcrm.assess.lists import sources
from sheetcrm.assess.lists.breaches import breaches, keeping
from sheetcrm.assess.lists.conclusions import conclude
from sheetcrm.assess.lists.corrections import corrections
from sheetcrm.assess.lists.figure_causes import figure_causes
from sheetcrm.assess.lists.outlook import outlook
from sheetcrm.assess.lists.reminders import reminders
from sheetcrm.assess.lists.routines import routines
from sheetcrm.assess.lists.shifts import shifts
from sheetcrm.model import Assessment, Book, Departed, Figures, Past
from sheetcrm.model.lists import Lists
from sheetcrm.policy.run import Run


def gather(
    assessments: Sequence[Assessment],
    run: Run,
    book: Book,
    figures: Figures,
    *,
    history: Mapping[str, Past],
    departed: Sequence[Departed] = (),
) -> Lists:
    """Make the lists of these assessments.

    Args:
        assessments: The customers.
        run: The run that assessed them.
        book: What was read.
        figures: What was counted of them.
        history: What the last earlier period on record says of a customer, by 客户编号 (留存率).
        departed: Who was there last period and is in none of its workbooks now.
    """
    broken = breaches(assessments, run)
    fallers, risers = outlook(assessments, run, book)
    return Lists(
        conclusions=conclude(assessments, figures, broken, run),
        reminders=reminders(assessments, run),
        routines=routines(assessments, run),
        fallers=fallers,
        risers=risers,
        foreseen=not run.policy.scoring.quota,
        breaches=broken,
        keeping=keeping(assessments, broken, run),
        by_informant=sources.by_informant(assessments, run.policy.roles),
        by_referrer=sources.by_referrer(assessments, run.policy.roles),
        segments=sources.segments(assessments, departed, history, run.policy),
        by_theme=sources.by_theme(assessments, run),
        corrections=corrections(assessments, run),
        shifts=shifts(assessments, broken, history, run),
        figure_causes=figure_causes(assessments, figures, broken, history, run),
    )
