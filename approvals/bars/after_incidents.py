"""What follows from a decided incident above exams (rules 3.3, 8): the bar is proposed in the name of the officer who
proposed the penalty, before the provincial head; results that a licence decision rests on are not changed any more.
"""

from approvals.bars import proposing
from approvals.models import LicenceApplicant
from approvals.persons import persons
from certification.people.models import Bar
from certification.refusals import WrongState
from exams.incidents import effects


class AfterIncidents:
    """Follows the incidents of exams."""

    def settled(self, candidate):
        """Once somebody is in a licence application, this stands or falls first: revocation has its own way."""
        applicant = LicenceApplicant.objects.filter(candidate=candidate).select_related("batch").first()
        if applicant is None:
            return None
        return WrongState(
            f"该考生已列入发证许可申请{applicant.batch.number}（{applicant.get_state_display()}），不能在此改变成绩。",
            code="licence_applied",
            clause="行政许可法第六十九条",
            advice="尚未决定的，请先告知省厅考试中心不予许可；已经准予的，依法撤销。",
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
