"""All tickets of a large session in one file: made by an errand, kept for who asked, until it is fetched (rules 8)."""

from django.db.models import QuerySet

from certification.jobs import errands
from certification.jobs.models import Errand
from certification.records.content import PDF
from certification.records.models import StoredFile
from certification.workflow import activity
from exams.models import Candidate, ExamSession
from exams.tickets import printing

KIND = "exams.tickets"
# So many are made while who asks waits.
AT_ONCE = 50


@activity
def ask(*, actor, now, session: ExamSession) -> Errand:
    """Have the tickets made that ``actor`` may see."""
    return errands.ask(KIND, session, actor=actor, now=now, key=errands.key_of(actor))


def last_for(user, session: ExamSession) -> Errand | None:
    """What ``user`` asked for last."""
    return errands.last_about(KIND, session, errands.key_of(user))


def made_by(errand: Errand) -> StoredFile | None:
    """The file that came of it; None where it is not there, or no more."""
    return StoredFile.objects.filter(uuid=errand.result.get("file")).first() if errand.result else None


def of(user, session: ExamSession) -> QuerySet[Candidate]:
    """The candidates of ``session`` whose tickets ``user`` may see, in the order of their numbers."""
    mine = Candidate.objects.visible_to(user).filter(session=session)
    return printing.with_ticket().filter(pk__in=mine).order_by("ticket_number", "pk")


def make(errand: Errand, progress) -> dict:
    """The errand."""
    session = ExamSession.objects.get(pk=errand.subject_id)
    rows = list(of(errand.actor, session))
    content = printing.tickets(rows, progress)
    progress("保存文件")
    given = {"owner": errand, "actor": errand.actor, "now": errand.asked_at}
    stored = StoredFile.store(content, name=f"准考证 {session.number}.pdf", media_type=PDF, **given)
    return {"file": str(stored.uuid), "persons": len(printing.admitted(rows))}
