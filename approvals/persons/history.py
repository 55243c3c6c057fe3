"""What is known of a person in the province, for whoever reviews an application of theirs.

Applications and certificates as far as the reviewer sees them (rules 5), the others in number alone; bars wherever they
were imposed, because they are to be seen at the next filing anywhere (rules 3.3).
"""

from dataclasses import dataclass

from django.db.models import Prefetch

from approvals.certificates.registers import certificates_visible_to
from approvals.models import Outcome, Review
from certification.people.models import Bar, Certificate, Person, PersonName
from exams.models import Candidate, ExamApplication, Result
from exams.states import ResultState


@dataclass(frozen=True)
class Earlier:
    """One other application of the person: the session that it was last in, the released results, the last refusal."""

    application: ExamApplication
    candidate: Candidate | None
    results: list[Result]
    refusal: Review | None


@dataclass(frozen=True)
class Record:
    """The person in the province. ``elsewhere`` counts applications that the reviewer does not see."""

    applications: list[Earlier]
    elsewhere: int
    certificates: list[Certificate]
    bars: list[Bar]
    names: list[PersonName]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known."""
        return not (self.applications or self.elsewhere or self.certificates or self.bars or self.names)


def of_person(person: Person, user, *, but: ExamApplication) -> Record:
    """The record of ``person`` as ``user`` may see it, without the application at hand, the newest first. The same
    number of queries whatever there is."""
    others = ExamApplication.objects.filter(person=person).exclude(pk=but.pk)
    count = others.count()
    seen = list(
        others.visible_to(user)
        .select_related("job_type", "institution", "organiser")
        .prefetch_related(_candidates(), _refusals())
        .order_by("-pk")
    )
    certificates = certificates_visible_to(user).filter(person=person).select_related("job_type")
    return Record(
        [_earlier(row) for row in seen],
        count - len(seen),
        list(certificates.order_by("-valid_from", "-pk")),
        list(Bar.objects.filter(person=person).order_by("-barred_from", "-pk")),
        list(PersonName.objects.filter(person=person).order_by("-noted_at", "-pk")),
    )


def _candidates() -> Prefetch:
    released = Result.objects.filter(state=ResultState.RELEASED).order_by("pk")
    rows = Candidate.objects.select_related("session").prefetch_related(
        Prefetch("results", released, to_attr="released")
    )
    return Prefetch("candidates", rows.order_by("-listed_at", "-pk"), to_attr="sat")


def _refusals() -> Prefetch:
    rows = Review.objects.filter(outcome=Outcome.REFUSE).select_related("organisation").order_by("-at", "-pk")
    return Prefetch("reviews", rows, to_attr="refusals")


def _earlier(application: ExamApplication) -> Earlier:
    candidate = application.sat[0] if application.sat else None
    refusal = application.refusals[0] if application.refusals else None
    return Earlier(application, candidate, candidate.released if candidate else [], refusal)
