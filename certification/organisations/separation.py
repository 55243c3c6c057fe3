"""Separation of duties (rules 4) at one place: who has acted on a case in one capacity may not act in another.

Apps register, per capacity and model, a source that tells which persons have acted in that capacity on given
cases, and of which other cases a case is part. Before somebody acts, ``require`` compares *persons* (not accounts)
against the table of pairs that exclude each other. No activity compares persons itself: what is not in the table is
neither refused nor found by the daily scan.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q

from certification.organisations import roles as role_sets
from certification.organisations.models import ActingFor, RoleAssignment, User
from certification.organisations.roles import Role
from certification.records.models import TransitionLog
from certification.refusals import SeparationBreach


class Capacity(Enum):
    """In what capacity somebody acts on a case."""

    TRAINS = "培训（机构人员或教师）"
    STAFFS = "考务（监考、考评、考场工作、巡考）"
    REVIEWS_FIRST = "初审"
    REVIEWS = "审核"
    ENTERS_RESULTS = "成绩录入"
    CHECKS_RESULTS = "成绩复核"
    INVESTIGATES_RECHECK = "成绩复核申请的核查"
    ANSWERS_RECHECK = "成绩复核申请的审定"
    DECIDES = "许可决定"
    ASKS_ADMISSION = "申请逾期特批"
    ADMITS = "逾期特批"
    ACCEPTS = "许可申请受理"
    RECONCILES = "成绩和名单核对"
    DRAFTS = "许可决定拟办"
    CONFIRMS = "拟办意见的复核、批准"
    PROPOSES_EXTENSION = "提请延长期限"
    EXTENDS = "批准延长期限"
    INSPECTS = "培训检查"
    ASSIGNS = "分派办理人"
    TAKES_OVER = "提级审核的决定"
    NOTES = "内部备注"
    PROPOSES_BAR = "提请禁考"
    IMPOSES_BAR = "禁考决定"
    REPORTS_INCIDENT = "考试异常情况报告"
    PROPOSES_PENALTY = "提出违纪处理意见"
    DECIDES_PENALTY = "违纪处理决定"
    REVIEWS_PENALTY = "违纪处理复核"
    PROPOSES_ENDING = "提请撤销、注销"
    DECIDES_ENDING = "撤销、注销的决定"
    DECLARES_DELAY = "延迟退休申报的登记"
    EXTENDS_VALIDITY = "延长操作证有效期"
    DRAFTS_RULES = "规则版本起草"
    ACTIVATES_RULES = "规则版本启用"
    IS_CANDIDATE = "考生本人"
    CONFLICTED = "应当回避（已申报）"


@dataclass(frozen=True)
class Pair:
    """Two capacities that exclude each other in one person on one case."""

    one: Capacity
    other: Capacity
    rule: str
    clause: str


# What nobody has to keep away from: no office is exercised in it, or nobody in particular is concerned by it.
_NO_OFFICE = (
    Capacity.IS_CANDIDATE,
    Capacity.TRAINS,
    Capacity.CONFLICTED,
    Capacity.ASKS_ADMISSION,
    Capacity.REPORTS_INCIDENT,
    Capacity.DECLARES_DELAY,
    Capacity.DRAFTS_RULES,
    Capacity.ACTIVATES_RULES,
)

PAIRS: tuple[Pair, ...] = (
    *(
        Pair(Capacity.TRAINS, other, "4.1 培训与考试分离", "方案一")
        for other in (
            Capacity.STAFFS,
            Capacity.REVIEWS_FIRST,
            Capacity.REVIEWS,
            Capacity.ENTERS_RESULTS,
            Capacity.CHECKS_RESULTS,
            Capacity.ACCEPTS,
            Capacity.RECONCILES,
            Capacity.DRAFTS,
            Capacity.CONFIRMS,
            Capacity.DECIDES,
            Capacity.ADMITS,
            Capacity.PROPOSES_EXTENSION,
            Capacity.EXTENDS,
            Capacity.INSPECTS,
            Capacity.ASSIGNS,
            Capacity.TAKES_OVER,
            Capacity.NOTES,
            Capacity.PROPOSES_BAR,
            Capacity.IMPOSES_BAR,
            Capacity.PROPOSES_PENALTY,
            Capacity.DECIDES_PENALTY,
            Capacity.REVIEWS_PENALTY,
            Capacity.INVESTIGATES_RECHECK,
            Capacity.ANSWERS_RECHECK,
            Capacity.PROPOSES_ENDING,
            Capacity.DECIDES_ENDING,
            Capacity.EXTENDS_VALIDITY,
        )
    ),
    *(
        Pair(Capacity.STAFFS, other, "4.2 考试与审核分离", "方案一")
        for other in (
            Capacity.REVIEWS_FIRST,
            Capacity.REVIEWS,
            Capacity.DRAFTS,
            Capacity.CONFIRMS,
            Capacity.DECIDES,
            Capacity.ADMITS,
            Capacity.EXTENDS,
            Capacity.TAKES_OVER,
            Capacity.IMPOSES_BAR,
            Capacity.DECIDES_PENALTY,
            Capacity.REVIEWS_PENALTY,
            Capacity.DECIDES_ENDING,
        )
    ),
    Pair(Capacity.REVIEWS_FIRST, Capacity.REVIEWS, "4.3 两级两人：审核人不得为初审人", "方案一、二"),
    *(
        Pair(decides, reviews, "4.3 决定人不得为审核人", "方案一")
        for decides in (Capacity.DRAFTS, Capacity.CONFIRMS, Capacity.DECIDES, Capacity.DECIDES_ENDING)
        for reviews in (Capacity.REVIEWS_FIRST, Capacity.REVIEWS)
    ),
    Pair(Capacity.CONFIRMS, Capacity.DRAFTS, "4.3 复核、批准人不得为拟办人", "行政许可法第三十四条"),
    *(
        Pair(decides, Capacity.RECONCILES, "4.3 决定人不得为核对人", "行政许可法第三十四条")
        for decides in (Capacity.CONFIRMS, Capacity.DRAFTS, Capacity.DECIDES)
    ),
    Pair(Capacity.DECIDES_ENDING, Capacity.PROPOSES_ENDING, "4.3 决定撤销、注销的人不得提请", "方案一"),
    Pair(Capacity.EXTENDS_VALIDITY, Capacity.DECLARES_DELAY, "4.3 延长有效期的人不得登记所据申报", "方案一"),
    *(
        Pair(Capacity.EXTENDS, other, "4a 批准延长的人不得审核、决定", "行政许可法第四十二条")
        for other in (Capacity.REVIEWS_FIRST, Capacity.REVIEWS, Capacity.DECIDES)
    ),
    *(
        Pair(Capacity.EXTENDS, other, "4a 批准延长的人不得提请、承办", "行政许可法第四十二条")
        for other in (Capacity.PROPOSES_EXTENSION, Capacity.ACCEPTS, Capacity.RECONCILES)
    ),
    *(
        Pair(Capacity.IMPOSES_BAR, other, "4a 作出禁考决定的人不得提请、审核", "方案四（二）")
        for other in (Capacity.PROPOSES_BAR, Capacity.REVIEWS_FIRST, Capacity.REVIEWS)
    ),
    Pair(
        Capacity.DECIDES_PENALTY,
        Capacity.PROPOSES_PENALTY,
        "4a 作出违纪处理决定的人不得提出处理意见",
        "方案四（二）",
    ),
    Pair(
        Capacity.REVIEWS_PENALTY,
        Capacity.PROPOSES_PENALTY,
        "4a 复核违纪处理的人不得提出处理意见",
        "方案四（二）",
    ),
    Pair(Capacity.REVIEWS_PENALTY, Capacity.DECIDES_PENALTY, "4.3 复核人不得为原决定人", "方案四（二）"),
    Pair(Capacity.DECIDES_PENALTY, Capacity.REPORTS_INCIDENT, "4.3 决定人不得为报告人", "方案四（二）"),
    *(
        Pair(checks, enters, "4.3 成绩复核人不得为录入人", "方案四（二）")
        for checks, enters in (
            (Capacity.CHECKS_RESULTS, Capacity.ENTERS_RESULTS),
            (Capacity.CHECKS_RESULTS, Capacity.INVESTIGATES_RECHECK),
            (Capacity.ANSWERS_RECHECK, Capacity.ENTERS_RESULTS),
        )
    ),
    Pair(Capacity.ANSWERS_RECHECK, Capacity.INVESTIGATES_RECHECK, "4.3 审定人不得为核查人", "方案四（二）"),
    Pair(Capacity.ADMITS, Capacity.ASKS_ADMISSION, "4.3 申请人不得决定自己的申请", "方案一"),
    Pair(Capacity.ACTIVATES_RULES, Capacity.DRAFTS_RULES, "4a 启用规则版本的人不得起草", "规则 1.4"),
    *(
        Pair(Capacity.IS_CANDIDATE, other, "4.4 回避：本人事项", "方案一")
        for other in Capacity
        if other not in _NO_OFFICE
    ),
    *(
        Pair(Capacity.CONFLICTED, other, "4.4 回避：申报的亲属、同单位等关系", "方案一")
        for other in Capacity
        if other not in _NO_OFFICE
    ),
)

# Roles that may not meet in one person, whichever accounts hold them (4.1).
EXCLUSIVE_ROLES: tuple[tuple[frozenset[Role], frozenset[Role], str], ...] = (
    (
        role_sets.TRAINING_ROLES,
        role_sets.REVIEW_ROLES | role_sets.EXAM_ROLES | role_sets.DECISION_ROLES,
        "4.1 培训与考试分离：培训机构人员不得担任审核、考试、决定工作",
    ),
    (
        frozenset({Role.ADMINISTRATOR}),
        role_sets.REVIEW_ROLES | role_sets.EXAM_ROLES | role_sets.DECISION_ROLES | role_sets.TRAINING_ROLES,
        "4a 系统管理员不办理业务",
    ),
    (
        frozenset({Role.AUDITOR}),
        frozenset(Role) - {Role.AUDITOR},
        "4a 审计员只看不办",
    ),
)

# A source answers, for cases of one model: case id → ids of the persons who have acted in the capacity.
Source = Callable[[list[int]], dict[int, set[int]]]
# Of what the cases of one model are part: case id → ids of cases of the other model.
Wholes = Callable[[list[int]], dict[int, set[int]]]
_sources: dict[tuple[type[models.Model], Capacity], list[Source]] = defaultdict(list)
_wholes: dict[type[models.Model], list[tuple[type[models.Model], Wholes]]] = defaultdict(list)


def register_source(model: type[models.Model], capacity: Capacity, source: Source) -> None:
    """Tell who has acted in ``capacity`` on cases of ``model``; several sources add up."""
    _sources[model, capacity].append(source)


def register_whole(model: type[models.Model], whole: type[models.Model], wholes: Wholes) -> None:
    """Tell that a case of ``model`` (a draft, a request) is part of cases of ``whole``: what somebody did on these,
    they did on it."""
    if not any(known is whole for known, _wholes_of in _wholes[model]):
        _wholes[model].append((whole, wholes))


def through(model: type[models.Model], path: str) -> Wholes:
    """The wholes to which ``path`` leads from a case of ``model``."""

    def wholes(ids: list[int]) -> dict[int, set[int]]:
        found: dict[int, set[int]] = defaultdict(set)
        for case_id, whole_id in model._base_manager.filter(pk__in=ids).values_list("pk", path):
            found[case_id] |= {whole_id} - {None}
        return found

    return wholes


def signed(model: type[models.Model], act: str, case: str = "pk", *, only: Q | None = None) -> Source:
    """The source that reads who signed rows of ``model`` as ``<act>_by``, and for whom as ``<act>_on_behalf_of``: what
    excludes either excludes the act (4.5). ``case`` leads from a row to its case; ``only`` some rows count."""

    def source(ids: list[int]) -> dict[int, set[int]]:
        found: dict[int, set[int]] = defaultdict(set)
        rows = model._base_manager.filter(only or Q(), **{f"{case}__in": ids, f"{act}_by__isnull": False})
        for case_id, *persons in rows.values_list(case, f"{act}_by__person", f"{act}_on_behalf_of__person"):
            found[case_id] |= set(persons) - {None}
        return found

    return source


def logged(model: type[models.Model], lines: Q) -> Source:
    """The source that reads who acted, and for whom, from those lines of the log on cases of ``model`` that match
    ``lines``."""

    def source(ids: list[int]) -> dict[int, set[int]]:
        found: dict[int, set[int]] = defaultdict(set)
        subjects = ContentType.objects.get_for_model(model)
        rows = TransitionLog.objects.filter(lines, subject_type=subjects, subject_id__in=ids)
        for case_id, *persons in rows.values_list("subject_id", "actor__person", "on_behalf_of__person"):
            found[case_id] |= set(persons) - {None}
        return found

    return source


def models_with_sources() -> list[type[models.Model]]:
    """Every model on whose cases somebody can have acted, in a fixed order."""
    return sorted({model for model, _capacity in _sources}, key=lambda model: model._meta.label)


def require(who: User | int | None, capacity: Capacity, case: models.Model) -> None:
    """Raise SeparationBreach, naming the rule, if ``who`` may not act in ``capacity`` on ``case``."""
    breach = breaches(who, capacity, [case]).get(case.pk)
    if breach:
        raise breach


def breaches(
    who: User | int | None, capacity: Capacity, cases: Iterable[models.Model], *, said_of: str = ""
) -> dict[int, SeparationBreach]:
    """The cases (all of one model) on which ``who`` may not act in ``capacity``: case id → breach.

    ``who`` is the account that acts, and then stands for its person and the person whom it acts for, or the id of a
    person who is asked to act (rules 4.5, 4.6). A fixed number of queries whatever the number of cases. An account
    without a person has nobody to compare and is refused everywhere, the jobs' own among them: no job acts in a
    capacity. ``said_of`` names ``who`` in the refusals where they are not the one who reads them.
    """
    cases = list(cases)
    if not cases:
        return {}
    persons = who.persons if isinstance(who, User) else frozenset({who} - {None})
    if not persons:
        return {case.pk: SeparationBreach("账号未关联人员，无法核对分离要求。", clause="规则 4.6") for case in cases}
    ids = [case.pk for case in cases]
    found: dict[int, SeparationBreach] = {}
    for pair in PAIRS:
        if capacity not in (pair.one, pair.other):
            continue
        other = pair.other if capacity is pair.one else pair.one
        for case_id, others in acted(type(cases[0]), other, ids).items():
            if clash := persons & others:
                found.setdefault(case_id, _breach(pair, capacity, other, said_of or _said_of(who, clash)))
    return found


def acted(model: type[models.Model], capacity: Capacity, ids: list[int]) -> dict[int, set[int]]:
    """Who has acted in ``capacity`` on the cases, or on what they are part of: case id → person ids."""
    persons = acted_here(model, capacity, ids)
    for whole, wholes in _wholes[model]:
        of_case = wholes(ids)
        on_whole = acted(whole, capacity, sorted({pk for found in of_case.values() for pk in found}))
        for case_id, found in of_case.items():
            for pk in found:
                persons[case_id] |= on_whole.get(pk, set())
    return persons


def acted_here(model: type[models.Model], capacity: Capacity, ids: list[int]) -> dict[int, set[int]]:
    """Who has acted in ``capacity`` on the cases themselves, whatever they are part of."""
    persons: dict[int, set[int]] = defaultdict(set)
    for source in _sources[model, capacity]:
        for case_id, found in source(ids).items():
            persons[case_id] |= found
    return persons


def is_part(model: type[models.Model]) -> bool:
    """Whether cases of ``model`` are part of others, on which what was done is found already."""
    return bool(_wholes[model])


def require_role_allowed(user: User, role: Role, day) -> None:
    """Refuse to give ``role`` to ``user`` where the person (through any account) holds a role that excludes it."""
    held = _roles_of_person(user, day)
    for one, other, rule in EXCLUSIVE_ROLES:
        clash = (role in one and held & (other - {role})) or (role in other and held & (one - {role}))
        if clash:
            names = "、".join(sorted(Role(name).label for name in clash))
            raise SeparationBreach(f"该人员已担任{names}，不得再担任{role.label}。", clause=f"规则 {rule}")


def _roles_of_person(user: User, day) -> set[Role]:
    """Held by any account of the person, or acted in for somebody."""
    accounts = User.objects.filter(person=user.person_id) if user.person_id else User.objects.filter(pk=user.pk)
    held = RoleAssignment.objects.in_force(day).filter(user__in=accounts).values_list("role", flat=True)
    acted_in = ActingFor.objects.in_force(day).filter(deputy__in=accounts).values_list("role", flat=True)
    return {Role(role) for role in (*held, *acted_in)}


def _said_of(who: User | int, clash: frozenset[int]) -> str:
    """Whom a refusal speaks of: whoever acts, or the absent person for whom they act."""
    if isinstance(who, User) and who.person_id not in clash:
        return f"您所代办的{who.acting_for}"
    return "您"


def _breach(pair: Pair, capacity: Capacity, other: Capacity, said_of: str) -> SeparationBreach:
    if other is Capacity.CONFLICTED:
        return SeparationBreach(
            f"{said_of}对该事项申报了回避，不得从事“{capacity.value}”。",
            clause=f"规则 {pair.rule}，{pair.clause}",
            advice="请转交其他人员办理；申报情形已消失的，请先在“回避和代办”中结束申报。",
        )
    return SeparationBreach(
        f"{said_of}已在该事项中从事“{other.value}”，不得再从事“{capacity.value}”。",
        clause=f"规则 {pair.rule}，{pair.clause}",
        advice="请转交其他人员办理。",
    )
