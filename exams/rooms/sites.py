"""Exam sites and rooms (rules 8): kept by the exam body of their city [四(三)]."""

from certification.organisations import access
from certification.organisations.models import OrganisationKind
from certification.refusals import Incomplete, Problem
from certification.workflow import activity, lock, log
from exams.models import ExamRoom, ExamSite
from exams.rooms import seated, suspensions

SITE_FIELDS = ("name", "ownership", "territory", "address", "operator", "active")
ROOM_FIELDS = ("name", "part", "capacity", "active")


@activity
def save_site(*, actor, now, values: dict, site_id: int | None = None) -> ExamSite:
    """Make a site of the actor's organisation, or change one. Raises Incomplete for a name that is taken, for a
    site outside the city bureau's own city, or where a site is to be opened that a tour suspends."""
    access.require(actor, "exams.site.manage")
    site = _locked(ExamSite, actor, site_id) if site_id else ExamSite(organiser=actor.organisation)
    access.require_own(actor, site.organiser_id)
    for name in SITE_FIELDS:
        setattr(site, name, values[name])
    if ExamSite.objects.filter(name=site.name).exclude(pk=site.pk).exists():
        raise Incomplete([Problem("已有同名的考试点。", field="name")])
    own = actor.organisation
    if own.kind == OrganisationKind.CITY_BUREAU and site.territory_id != own.territory_id:
        raise Incomplete([Problem("考试点应在本市。", field="territory")], clause="方案四（三）")
    if site.active and site.pk and (tour := suspensions.in_force(site.pk)):
        message = f"{suspensions.said(tour)}整改确认合格、恢复使用之前不能启用。"
        raise Incomplete([Problem(message, code="site_suspended", field="active")], clause=suspensions.CLAUSE)
    site.save()
    log([site], "save", actor=actor, now=now)
    return site


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
        raise Incomplete([Problem("本考试点已有同名的考场。", field="name")])
    with seated.kept(room, now=now):
        room.save()
    log([room], "save", actor=actor, now=now)
    return room


def _locked(model, actor, pk: int):
    found = lock(model.objects.visible_to(actor).filter(pk=pk))
    if not found:
        raise model.DoesNotExist
    return found[0]
