"""Proposing a bar (提请禁考): whoever works on a case puts the fact, its ground and its proof before the head, and
takes it back while the head has not decided.

Nothing follows from a proposal: nobody is kept from anything before the provincial head has decided (rules 3.3, 4a).
"""

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.urls import reverse

from approvals.cases import take_one
from approvals.models import BarCase, BarEvidence
from approvals.persons import persons
from approvals.states import BAR, BarState
from certification.notices.sending import notify_role
from certification.organisations import access, separation
from certification.organisations.models import Organisation, OrganisationKind
from certification.organisations.roles import Role
from certification.organisations.separation import Capacity
from certification.people import bars
from certification.people.models import Bar, Person
from certification.refusals import Incomplete, NotPermitted, Problem, WrongState
from certification.workflow import activity, apply_one, log
from exams.materials import papers
from exams.models import ExamApplication
from training.models import Trainee

PROPOSE = "approvals.propose_bars"
FILES_AT_MOST = 10

# Name and content of a file as it came.
Given = tuple[str, bytes]


@activity
def propose(
    *,
    actor,
    now,
    person_id: int,
    application_id: int | None = None,
    ground: str,
    reason: str,
    evidence: str,
    files: Sequence[Given] = (),
) -> BarCase:
    """Put a bar before the provincial head. The period is the edition's for ``ground`` and is nobody's to choose.

    The same proposal sent twice is one. Raises NotPermitted, SeparationBreach, Incomplete without facts or proof,
    WrongState where another such proposal waits, and DoesNotExist where person or application is not the actor's to
    see; for the files what ``papers.sound`` raises.
    """
    access.require(actor, PROPOSE)
    reason, evidence = _required(ground, reason, evidence, files)
    # Two who propose at once meet here, so that the second is told instead of failing.
    person = persons.persons_visible_to(actor).get(pk=person_id)
    Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    application = _application(actor, person, application_id)
    if waiting := _waiting(person, ground):
        if (waiting.proposed_by_id, waiting.reason, waiting.evidence) == (actor.pk, reason, evidence):
            return waiting
        raise _waits_already(waiting)
    case = BarCase(
        person=person,
        application=application,
        **_belongs_to(actor, person, application),
        ground=ground,
        reason=reason,
        evidence=evidence,
        organisation=actor.organisation,
        proposed_by=actor,
        proposed_on_behalf_of=actor.acting_for,
        proposed_at=now,
    )
    case._history_user, case._history_date = actor, now
    try:
        with transaction.atomic():
            case.save(force_insert=True)
    except IntegrityError as error:
        raise _waits_already(None) from error
    separation.require(actor, Capacity.PROPOSES_BAR, case)
    _keep(case, files, actor=actor, now=now)
    log([case], "propose", actor=actor, now=now, reason=reason, detail={"clause": bars.CLAUSES[Bar.Ground(ground)]})
    _tell_heads(case, f"提请禁考：{case}", f"{case.organisation}提请。事实和理由：{case.reason}", now=now)
    return case


def propose_unless_waiting(**proposal) -> BarCase | None:
    """``propose``, where it follows from something else: None where somebody proposed the same already and it waits to
    be decided; that one is enough."""
    try:
        return propose(**proposal)
    except WrongState as refusal:
        if refusal.code != "proposed_already":
            raise
        return None


@activity
def withdraw(*, actor, now, case_id: int, reason: str) -> BarCase:
    """Take one's own proposal back before the head has decided; it stays on record with the reason, and the heads are
    told. Raises NotPermitted for anybody but the proposer, Incomplete, WrongState, DoesNotExist."""
    access.require(actor, PROPOSE)
    if not reason.strip():
        raise Incomplete([Problem("请写明撤回提请的理由。", code="required", field="reason")], clause="规则 3.3")
    case = take_one(BarCase.objects.select_related("person", "proposed_by", "organisation"), actor, case_id)
    if not is_proposer(case, actor):
        raise NotPermitted("只有提请人可以撤回提请。", clause="规则 3.3", advice="提请有误的，请由提请人撤回。")
    apply_one(BAR, "withdraw", case, actor=actor, now=now, reason=reason.strip())
    _tell_heads(case, f"撤回禁考提请：{case}", f"{case.organisation}撤回提请。理由：{reason.strip()}", now=now)
    return case


def is_proposer(case: BarCase, user) -> bool:
    """Whether it is the user's own proposal, or that of somebody whom they act for."""
    return case.proposed_by.person_id in user.persons


def _required(ground: str, reason: str, evidence: str, files: Sequence[Given]) -> tuple[str, str]:
    problems = []
    if ground not in Bar.Ground.values:
        problems.append(Problem("请选择禁考事由。", code="required", field="ground"))
    if not reason.strip():
        problems.append(Problem("请写明违法违规的事实和理由。", code="required", field="reason"))
    if not evidence.strip():
        problems.append(Problem("请写明证据的名称和来源。", code="required", field="evidence"))
    if len(files) > FILES_AT_MOST:
        problems.append(Problem(f"证据文件不超过 {FILES_AT_MOST} 个。", code="too_many", field="files"))
    if problems:
        raise Incomplete(problems, clause="方案四（二）")
    return reason.strip(), evidence.strip()


def _application(actor, person: Person, application_id: int | None) -> ExamApplication | None:
    if application_id is None:
        return None
    return ExamApplication.objects.visible_to(actor).get(pk=application_id, person=person)


def _belongs_to(actor, person: Person, application: ExamApplication | None) -> dict:
    """Whose person it is: by the application, else by the newest that the actor sees, else by the newest class."""
    newest = application or ExamApplication.objects.visible_to(actor).filter(person=person).order_by("-pk").first()
    if newest:
        return {"institution_id": newest.institution_id, "organiser_id": newest.organiser_id}
    trainee = Trainee.objects.visible_to(actor).filter(person=person).select_related("plan").order_by("-pk").first()
    if trainee:
        return {"institution_id": trainee.plan.institution_id, "organiser_id": trainee.plan.organiser_id}
    city = actor.organisation.kind == OrganisationKind.CITY_BUREAU
    return {"organiser_id": actor.organisation_id if city else None}


def _waiting(person: Person, ground: str) -> BarCase | None:
    rows = BarCase.objects.filter(person=person, ground=ground, state=BarState.PROPOSED)
    return rows.select_related("proposed_by__person", "organisation").first()


def _waits_already(case: BarCase | None) -> WrongState:
    by = f"已由{case.organisation}" if case else "已"
    return WrongState(
        f"对该人员同一事由的禁考{by}提请，正在等待省级负责人决定。",
        code="proposed_already",
        clause="规则 3.3",
        advice="有新的证据，请联系提请单位或者省级负责人。",
    )


def _keep(case: BarCase, files: Sequence[Given], *, actor, now) -> None:
    for name, content in files:
        row = BarEvidence.objects.create(case=case, added_by=actor, added_at=now)
        row.file = papers.keep(content, name, row, actor=actor, now=now)
        row.save(update_fields=["file"])


def _tell_heads(case: BarCase, title: str, body: str, *, now) -> None:
    notify_role(
        Role.PROVINCIAL_HEAD,
        Organisation.objects.provincial_centre(),
        title=title,
        body=body,
        url=reverse("approvals:bar", args=[case.pk]),
        about=case,
        now=now,
    )
