"""All that the dossier of one session holds, put together."""

from collections.abc import Sequence

from approvals.dossiers.sections.class_part import CLASS_TABLES
from approvals.dossiers.sections.day_part import DAY_TABLES, day_papers
from approvals.dossiers.sections.letters import class_letters, session_letters
from approvals.dossiers.sections.reading import Reader
from approvals.dossiers.sections.session_part import SESSION_TABLES
from approvals.dossiers.sections.shapes import Contents, Section
from exams.models import ExamSession
from training.models import TrainingPlan


def contents(
    session: ExamSession, plans: Sequence[TrainingPlan], *, whole: bool, masked: bool, inside: bool = True
) -> Contents:
    """What the dossier of ``session`` holds about ``plans``; with ``whole`` also what belongs to no class.

    ``masked`` shows identity numbers as lists on screen do; the sealed files carry them whole. Without ``inside``
    it is what an institution is shown of its part: no result before its release, nothing that passes between tiers.
    """
    reader = Reader(session, list(plans), masked=masked, inside=inside)
    found = Contents()
    if whole:
        for key, title, columns, read in (*SESSION_TABLES, *DAY_TABLES):
            found.sections.append(Section(key, title, columns, read(reader)))
        found.papers += [*session_letters(reader), *reader.session_papers(), *day_papers(reader)]
    tables = [(key, title, columns, read(reader)) for key, title, columns, read in CLASS_TABLES]
    papers = reader.class_papers()
    for paper in class_letters(reader):
        papers[paper.plan.pk].append(paper)
    for plan in plans:
        for key, title, columns, rows in tables:
            found.sections.append(Section(key, title, columns, rows.get(plan.pk, []), plan))
        found.papers += papers.get(plan.pk, [])
    return found
