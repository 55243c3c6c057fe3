"""回避: declaring what keeps somebody from acting on a case, ending it, and whom it excludes (rules 4.4)."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from django.db import IntegrityError, transaction

from certification.catalogue.naming import normal
from certification.organisations import access
from certification.organisations.acting import APPOINT
from certification.organisations.models import Conflict, ConflictKind, Organisation, OrganisationKind, User
from certification.people.identity import IdentityNumber
from certification.people.register import PersonData, find_or_register_all
from certification.refusals import Incomplete, NotPermitted, Problem, WrongState
from certification.workflow import activity, lock, log

VIEW = "organisations.view_declarations"
DECLARE = "organisations.declare_conflicts"
CLAUSE = "规则 4.4"


@activity
def declare(
    *,
    actor: User,
    now,
    user_id: int,
    kind: str,
    name: str = "",
    identity: IdentityNumber | None = None,
    employer: str = "",
    institution_id: int | None = None,
    note: str = "",
) -> Conflict:
    """Declare for the person of account ``user_id``: oneself, or as head for the own organisation's staff.

    RELATIVE names a person by ``name`` and ``identity``, SAME_EMPLOYER an ``employer``, INSTITUTION a training
    institution. In force at once. Raises Incomplete, NotPermitted, WrongState for what stands already.
    """
    access.require(actor, DECLARE)
    person = _person_of(actor, user_id)
    kind = ConflictKind(kind)
    problems = list(_problems(kind, name, identity, employer, institution_id))
    if problems:
        raise Incomplete(problems)
    row = Conflict(person=person, kind=kind, note=note.strip(), declared_by=actor, declared_at=now)
    if kind == ConflictKind.RELATIVE:
        data = PersonData.from_identity(identity, name=name.strip())
        row.other = find_or_register_all([data], now=now, actor=actor)[0].person
    elif kind == ConflictKind.SAME_EMPLOYER:
        row.employer = employer.strip()
    else:
        row.institution = Organisation.objects.get(pk=institution_id, kind=OrganisationKind.TRAINING_INSTITUTION)
    row._history_date = now
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise WrongState("同样的回避已经申报，仍然有效。", clause=CLAUSE) from None
    log([person], "declare_conflict", actor=actor, now=now, detail={"conflict": row.pk, "kind": kind.value})
    return row


@activity
def end(*, actor: User, now, conflict_id: int, reason: str) -> Conflict:
    """End a declaration with a reason: by who declared, or the head. Twice is once. Raises Incomplete, NotPermitted."""
    (row,) = lock(Conflict.objects.filter(pk=conflict_id).select_related("person"))
    if row.person_id != actor.person_id:
        access.require(actor, APPOINT)
        if not User.objects.filter(person=row.person_id, organisation=actor.organisation_id).exists():
            raise NotPermitted("只能结束本人或者本单位人员的回避申报。", clause=CLAUSE)
    if not reason.strip():
        raise Incomplete([Problem("请填写结束的理由。", code="required", field="reason")])
    if row.ended_at is None:
        row.ended_at, row.ended_by, row.end_reason = now, actor, reason.strip()
        row._history_date = now
        row.save(update_fields=["ended_at", "ended_by", "end_reason"])
        log([row.person], "end_conflict", actor=actor, now=now, reason=reason.strip(), detail={"conflict": row.pk})
    return row


def excluded(
    people: Mapping[int, Collection[int]] | None = None,
    employers: Mapping[int, Collection[str]] | None = None,
    institutions: Mapping[int, Collection[int]] | None = None,
) -> dict[int, set[int]]:
    """Who has to keep away from each case: case id → persons who declared a conflict with one of its people, their
    employers or its institutions. One query, for any number of cases."""
    found: dict[int, set[int]] = defaultdict(set)
    by_person, by_employer, by_institution = _declared()
    for cases, declared, key in (
        (people, by_person, lambda value: value),
        (employers, by_employer, normal),
        (institutions, by_institution, lambda value: value),
    ):
        if not declared:
            continue
        for case_id, values in (cases or {}).items():
            for value in values:
                found[case_id] |= declared.get(key(value), set())
    return found


def _declared() -> tuple[dict[int, set[int]], dict[str, set[int]], dict[int, set[int]]]:
    """What is in force, by whom and what it names. Declarations are few: staff make them, not candidates."""
    by_person: dict[int, set[int]] = defaultdict(set)
    by_employer: dict[str, set[int]] = defaultdict(set)
    by_institution: dict[int, set[int]] = defaultdict(set)
    rows = Conflict.objects.in_force().values_list("person", "other", "employer", "institution")
    for person_id, other_id, employer, institution_id in rows:
        if other_id:
            by_person[other_id].add(person_id)
        elif employer:
            by_employer[normal(employer)].add(person_id)
        else:
            by_institution[institution_id].add(person_id)
    return dict(by_person), dict(by_employer), dict(by_institution)


def _person_of(actor: User, user_id: int):
    user = actor if user_id == actor.pk else User.objects.select_related("person").filter(pk=user_id).first()
    if user is None or (user.pk != actor.pk and user.organisation_id != actor.organisation_id):
        raise NotPermitted("只能为本人或者本单位人员申报回避。", clause=CLAUSE)
    if user.pk != actor.pk:
        access.require(actor, APPOINT)
    if user.person is None:
        raise WrongState("账号未关联人员，不能申报回避。", advice="请联系系统管理员。")
    return user.person


def _problems(kind: ConflictKind, name: str, identity, employer: str, institution_id: int | None):
    if kind == ConflictKind.RELATIVE:
        if not name.strip():
            yield Problem("请填写亲属的姓名。", code="required", field="name")
        if identity is None:
            yield Problem("请填写亲属的身份证号码。", code="required", field="identity")
    elif kind == ConflictKind.SAME_EMPLOYER and not employer.strip():
        yield Problem("请填写工作单位的名称。", code="required", field="employer")
    elif kind == ConflictKind.INSTITUTION and institution_id is None:
        yield Problem("请选择培训机构。", code="required", field="institution")
