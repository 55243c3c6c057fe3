"""The checker's list of differences: what was corrected since it was first entered, beside what stands in the way."""

from dataclasses import dataclass

from exams.models import ExamSession, Result
from exams.scores.rows import differing


@dataclass(frozen=True)
class Correction:
    """One value of one result that somebody changed: who, when, from what to what."""

    result: Result
    what: str
    before: str
    after: str
    by: object
    at: object


def corrections(session: ExamSession) -> list[Correction]:
    """Every change of a score of the session after its first entry, in the order in which they were made. Three
    queries for any number of candidates."""
    rows = Result.objects.filter(candidate__session=session).select_related("candidate__application__person")
    current = {row.pk: row for row in rows}
    history = Result.history.filter(id__in=list(current)).select_related("history_user__person")
    last: dict[int, object] = {}
    found = []
    for line in history.order_by("history_date", "history_id"):
        before, last[line.id] = last.get(line.id), line
        if before is not None:
            found += [
                Correction(current[line.id], what, old, new, line.history_user, line.history_date)
                for what, old, new in differing(before, line)
            ]
    return found
