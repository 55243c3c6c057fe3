"""Exam sites and rooms (rules 8): kept by the exam body of their city [四(三)]."""

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from certification import clock
from certification.organisations import access
from certification.organisations.models import Organisation, OrganisationKind
from certification.refusals import Incomplete, Problem
from certification.rulebook import lookup
from certification.workflow import activity, lock, log
from exams import standards
from exams.models import Area, ExamRoom, ExamSite
from exams.rooms import seated, suspensions

CLAUSE = "方案四（三）"
SITE_FIELDS = ("name", "ownership", "territory", "area", "area_name", "address", "operator", "active")
ROOM_FIELDS = ("name", "part", "capacity", "active")


@activity
def save_site(*, actor, now, values: dict, site_id: int | None = None) -> ExamSite:
    """Make a site of the actor's organisation, or change one; the provincial centre may put one of its own under a city
    bureau (``values["organiser"]``), which keeps it from then on.

    Raises Incomplete for a name that is taken, for an area without its name, for an organiser who may not manage it
    (``examination.sites``) or in another city, or where a site is to be opened that a tour suspends.
    """
    access.require(actor, "exams.site.manage")
    site = _locked(ExamSite, actor, site_id) if site_id else ExamSite(organiser=actor.organisation)
    access.require_own(actor, site.organiser_id)
    before = site.organiser
    for name in SITE_FIELDS:
        setattr(site, name, values[name])
    site.organiser = values.get("organiser") or before
    if ExamSite.objects.filter(name=site.name).exclude(pk=site.pk).exists():
        raise _taken("已有同名的考试点。")
    if problems := _misplaced(site, actor.organisation, clock.day_of(now)):
        raise Incomplete(problems, clause=CLAUSE)
    if site.active and site.pk and (tour := suspensions.in_force(site.pk)):
        message = f"{suspensions.said(tour)}整改确认合格、恢复使用之前不能启用。"
        raise Incomplete([Problem(message, code="site_suspended", field="active")], clause=suspensions.CLAUSE)
    _save(site, "已有同名的考试点。")
    detail = {} if site.organiser == before else {"organiser": site.organiser.short_name}
    log([site], "save", actor=actor, now=now, detail=detail)
    return site


def usable_by(organiser: Organisation) -> QuerySet[ExamSite]:
    """The sites in use where ``organiser`` may hold exams: its own; the provincial centre at any."""
    rows = ExamSite.objects.filter(active=True).order_by("name", "pk")
    return rows if organiser.kind == OrganisationKind.PROVINCIAL_CENTRE else rows.filter(organiser=organiser)


def organisers_for(own: Organisation):
    """Whom ``own`` may put a site under: itself, or if it is the provincial centre any city bureau as well."""
    mine = Organisation.objects.filter(pk=own.pk)
    if own.kind != OrganisationKind.PROVINCIAL_CENTRE:
        return mine
    return mine | Organisation.objects.filter(kind=OrganisationKind.CITY_BUREAU, active=True)


@activity
def save_room(*, actor, now, site_id: int, values: dict, room_id: int | None = None) -> ExamRoom:
    """Make a room of a site of the actor's organisation, or change one.

    Raises Incomplete for a name that is taken, WrongState ``room_in_use`` for a change that takes the room from a
    session that has it: another use, or with candidates seated fewer seats or closing it.
    """
    access.require(actor, "exams.site.manage")
    site = _locked(ExamSite, actor, site_id)
    access.require_own(actor, site.organiser_id)
    room = _locked(ExamRoom, actor, room_id) if room_id else ExamRoom(site=site)
    if room.site_id != site.pk:
        raise ExamRoom.DoesNotExist
    for name in ROOM_FIELDS:
        setattr(room, name, values[name])
    if site.rooms.filter(name=room.name).exclude(pk=room.pk).exists():
        raise _taken("本考试点已有同名的考场。")
    with seated.kept(room, now=now):
        _save(room, "本考试点已有同名的考场。")
    log([room], "save", actor=actor, now=now)
    return room


def _misplaced(site: ExamSite, own: Organisation, day) -> list[Problem]:
    """What is wrong about where the site lies and who manages it."""
    problems = []
    if site.area != Area.CITY and not site.area_name:
        problems.append(Problem(f"请填写{site.get_area_display()}的名称。", code="required", field="area_name"))
    if not organisers_for(own).filter(pk=site.organiser_id).exists():
        problems.append(Problem("管理单位应为本单位。", field="organiser"))
    manager = standards.site_manager(site.area, lookup.edition_on(day))
    if manager is not None and site.organiser.kind != manager:
        named = _bureau_of(site) if manager == OrganisationKind.CITY_BUREAU else manager.label
        problems.append(
            Problem(
                f"{site.get_area_display()}考试点由{named}统一管理。",
                code="wrong_organiser",
                field="organiser" if own.kind == OrganisationKind.PROVINCIAL_CENTRE else "area",
            )
        )
    elif site.organiser.kind == OrganisationKind.CITY_BUREAU and site.territory_id != site.organiser.territory_id:
        problems.append(Problem(f"考试点应在{site.organiser.short_name}所在的设区市。", field="territory"))
    return problems


def _save(row, taken: str) -> None:
    """Of two who give one name at the same moment the second is told ``taken``."""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise _taken(taken) from error


def _taken(message: str) -> Incomplete:
    return Incomplete([Problem(message, code="taken", field="name")])


def _bureau_of(site: ExamSite) -> str:
    bureaux = Organisation.objects.filter(kind=OrganisationKind.CITY_BUREAU, territory=site.territory_id, active=True)
    return "、".join(map(str, bureaux)) or f"{site.territory}应急管理部门"


def _locked(model, actor, pk: int):
    found = lock(model.objects.visible_to(actor).filter(pk=pk))
    if not found:
        raise model.DoesNotExist
    return found[0]
