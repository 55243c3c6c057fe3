"""What follows from a decided incident above exams (rules 3.3, 8): the bar is proposed in the name of the officer who
proposed the penalty, before the provincial head; results that a granted licence rests on are not changed any more.
"""

from django.db.models import Q

from approvals.bars import proposing
from approvals.models import Decision, DecisionOutcome, LicenceApplicant
from approvals.persons import persons
from certification.people.models import Bar
from certification.refusals import WrongState
from certification.workflow import lock
from exams.incidents import effects
from exams.models import Result


class AfterIncidents:
    """Follows the incidents of exams."""

    def settled(self, candidate):
        """Once the licence was granted, revocation has its own way; before, a score that is void stands against the
        grant (``effects.against_licence``)."""
        followed = Result.objects.filter(carried_from__candidate=candidate).values("candidate")
        mine = LicenceApplicant.objects.filter(Q(candidate=candidate) | Q(candidate__in=followed))
        # Locked, as whoever grants locks them: one of the two waits for the other.
        applicants = {row.pk: row for row in lock(mine.select_related("batch"))}
        granted = Decision.objects.filter(applicant__in=applicants, outcome=DecisionOutcome.GRANTED).first()
        if granted is None:
            return None
        applicant = applicants[granted.applicant_id]
        return WrongState(
            f"该考生的发证许可申请{applicant.batch.number}已准予许可，不能在此改变成绩。",
            code="licence_granted",
            clause="行政许可法第六十九条",
            advice="应当依法撤销的，请提请撤销操作证。",
        )

    def propose_bar(self, incident, *, now) -> None:
        """Propose the bar of the candidate, and of who sat in their place where the register knows and the proposer
        sees them; where one waits for the same ground already, that one is enough."""
        application = incident.candidate.application
        self._propose(incident, application.person_id, application.pk, now=now)
        number = incident.impostor_number
        seen = persons.persons_visible_to(incident.proposed_by)
        impostor = seen.filter(document_number=number).first() if number else None
        if impostor and impostor.pk != application.person_id:
            self._propose(incident, impostor.pk, None, now=now)

    def _propose(self, incident, person_id: int, application_id: int | None, *, now) -> None:
        proposing.propose_unless_waiting(
            actor=incident.proposed_by,
            now=now,
            person_id=person_id,
            application_id=application_id,
            ground=Bar.Ground.EXAM_FRAUD,
            reason=f"{incident.act_text}。{incident.description}",
            evidence=f"考试异常情况{incident.number}及其证据、陈述和处理决定",
        )


def register() -> None:
    """Let exams tell; once from ``AppConfig.ready``."""
    effects.register(AfterIncidents())
