"""What was told in the inboxes: one row for each notice, who got it, when it was opened. Reminders of days have a table
of their own (``telling.reminders``)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.contrib.contenttypes.models import ContentType

from approvals.dossiers.sections.cells import cells
from approvals.dossiers.sections.followed import CLASS_KINDS, SESSION, SESSION_KINDS, Kind
from approvals.dossiers.sections.reading import Reader
from approvals.dossiers.sections.shapes import Row
from certification.notices.models import NoticeSubject

INBOX_COLUMNS = ("时间", "标题", "事项", "收件人", "单位", "阅读时间")
# Of how many cases the names stand in a row; of more the first, and how many they are.
NAMED = 2

_FIELDS = (
    *("subject_id", "notice", "notice__created_at", "notice__title", "notice__recipient__person__name"),
    *("notice__recipient__organisation", "notice__recipient__organisation__name", "notice__read_at"),
)


@dataclass(frozen=True)
class _Line:
    """One notice about one case, as it is read."""

    subject: int
    notice: int
    at: datetime
    title: str
    person: str
    organisation_id: int | None
    organisation: str
    read_at: datetime | None


class _Table:
    """Rows by part, the earliest first: each notice once, whatever number of cases of the part it is about. Only the
    line that came first is held of each."""

    def __init__(self):
        self._lines: dict[tuple[int | None, int], _Line] = {}
        self._names: dict[tuple[int | None, int], list[str]] = defaultdict(list)

    def add(self, line: _Line, name: str, parts: Iterable[int | None]) -> None:
        for part in parts:
            key = part, line.notice
            self._lines.setdefault(key, line)
            self._names[key].append(name)

    def rows(self) -> dict[int | None, list[Row]]:
        found: dict[int | None, list[Row]] = defaultdict(list)
        for key, line in sorted(self._lines.items(), key=lambda item: (item[1].at, item[1].notice)):
            about = _about(self._names[key])
            found[key[0]].append(cells(line.at, line.title, about, line.person, line.organisation, line.read_at))
        return found


def class_inboxes(reader: Reader) -> dict[int | None, list[Row]]:
    """What was told about each class and the people in it, and to its institution about the session as a whole. An
    institution is shown what its own people got."""
    institutions = {plan.pk: plan.institution_id for plan in reader.plans}
    table = _Table()
    for kind in CLASS_KINDS:
        held = reader.cases(kind)
        for line in _lines(reader, kind):
            case = held[line.subject]
            own = [plan for plan in case.plans if reader.inside or institutions[plan] == line.organisation_id]
            table.add(line, case.name, own)
    for line in _lines(reader, SESSION):
        theirs = [pk for pk, institution_id in institutions.items() if institution_id == line.organisation_id]
        table.add(line, reader.cases(SESSION)[line.subject].name, theirs)
    return table.rows()


def session_inboxes(reader: Reader) -> list[Row]:
    """What was told about the session; its part is for those who work on it."""
    table = _Table()
    for kind in SESSION_KINDS if reader.inside else ():
        held = reader.cases(kind)
        for line in _lines(reader, kind):
            table.add(line, held[line.subject].name, [None])
    return table.rows()[None]


def _lines(reader: Reader, kind: Kind) -> Iterator[_Line]:
    rows = NoticeSubject.objects.filter(
        subject_type=ContentType.objects.get_for_model(kind.model), subject_id__in=list(reader.cases(kind))
    )
    if not reader.inside:
        rows = rows.filter(notice__recipient__organisation__in=[plan.institution_id for plan in reader.plans])
    for values in rows.order_by("subject_id", "notice_id").values_list(*_FIELDS).iterator():
        yield _Line(*values)


def _about(names: list[str]) -> str:
    return "、".join(names) if len(names) <= NAMED else f"{names[0]}等 {len(names)} 项"
