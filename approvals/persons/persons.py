"""One person's record across classes, applications and certificates: who may see it, the full number, names and
declared facts.

A person belongs to nobody; who sees a class, an application or a decision about them sees the person, and of the person
no more than these (rules 5). Names are settled by the provincial acceptance clerk, who keeps the register; facts are
declared by the institution that the person comes with, or by that clerk.
"""

from datetime import date

from django.db.models import QuerySet

from approvals.certificates.registers import certificates_visible_to
from certification import clock
from certification.organisations import access
from certification.organisations.roles import REACH, Reach
from certification.people import declarations, naming
from certification.people.models import Declaration, DeclaredFact, Person, PersonName
from certification.people.retiring import AREA
from certification.records import accesses
from certification.rulebook import lookup
from certification.workflow import activity
from exams.models import ExamApplication
from training.models import Trainee

VIEW = "approvals.view_persons"
SETTLE = "approvals.settle_names"
DECLARE = "approvals.declare_facts"


def persons_visible_to(user) -> QuerySet[Person]:
    """The persons of whom ``user`` sees a class, an application or a certificate; the province sees the register."""
    reaches = {REACH[role] for role in user.roles_on(clock.today())}
    if user.is_system or Reach.PROVINCE in reaches:
        return Person.objects.all()
    trained = Trainee.objects.visible_to(user).values("person")
    applied = ExamApplication.objects.visible_to(user).values("person")
    holding = certificates_visible_to(user).values("person")
    return Person.objects.filter(pk__in=trained.union(applied, holding))


@activity
def reveal_number(*, actor, now, person_id: int) -> str:
    """The whole document number; who saw it, and when, is logged. Raises NotPermitted, Person.DoesNotExist."""
    access.require(actor, VIEW)
    person = persons_visible_to(actor).get(pk=person_id)
    accesses.reveal(person, actor=actor, now=now)
    return person.document_number


@activity
def correct_name(*, actor, now, person_id: int, name: str, reason: str) -> Person:
    """Correct the registered name; the former one stays. Raises NotPermitted, Person.DoesNotExist, Incomplete."""
    access.require(actor, SETTLE)
    person = persons_visible_to(actor).get(pk=person_id)
    return naming.correct_name(person=person, name=name, reason=reason, actor=actor, now=now)


@activity
def dismiss_name(*, actor, now, name_id: int, reason: str) -> PersonName:
    """Settle that a name given differently was a slip. Raises NotPermitted, WrongState, Incomplete."""
    access.require(actor, SETTLE)
    noted = PersonName.objects.get(pk=name_id, person__in=persons_visible_to(actor))
    return naming.dismiss_name(noted=noted, reason=reason, actor=actor, now=now)


@activity
def declare(
    *, actor, now, person_id: int, fact: str, female_class: str = "", months: int | None = None, proof: str = ""
) -> Declaration:
    """Note what the person declares of their retirement. Raises NotPermitted, Person.DoesNotExist, Incomplete."""
    access.require(actor, DECLARE)
    person = persons_visible_to(actor).get(pk=person_id)
    source = f"{actor.organisation.short_name}登记" if actor.organisation else "登记"
    if fact == DeclaredFact.FEMALE_CLASS:
        said = {"female_class": female_class, "proof": proof}
        return declarations.declare_female_class(person=person, source=source, actor=actor, now=now, **said)
    return declarations.declare_delay(
        person=person,
        months=months or 0,
        limit=delay_limit(clock.day_of(now)),
        source=source,
        proof=proof,
        actor=actor,
        now=now,
    )


def delay_limit(day: date) -> int:
    """By how many months retirement may be put off on ``day`` (rule ``retirement``)."""
    return lookup.rule(AREA, "retirement", day).values.get("flexible_delay_months", 0)
