"""考试点 and their rooms: what they are, levels, equipment, maintenance."""

from functools import partial

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from certification import clock
from certification.forms import placed
from certification.organisations.access import may
from certification.paging import keyset_page
from certification.portal import timeline
from certification.portal.confirm import confirm_and_act
from certification.refusals import Refusal
from certification.rulebook import lookup
from exams import standards
from exams.forms.sessions import organised_by
from exams.forms.sites import (
    EquipmentEndForm,
    EquipmentForm,
    MaintenanceForm,
    RoomForm,
    SiteFilter,
    SiteForm,
    UpgradeForm,
)
from exams.models import ExamRoom, ExamSite, Part, RoomEquipment, RoomMaintenance, SiteUpgrade
from exams.rooms import sites, upkeep
from exams.rooms.condition import conditions, equipment_of
from exams.rooms.room_times import days_words


@require_GET
def site_list(request):
    """Sites with their rooms, their level and what there is to know of the rooms today; ``?territory=&area=``
    narrow."""
    seen = ExamSite.objects.visible_to(request.user)
    form = SiteFilter(request.GET, seen=seen)
    rows = form.narrowed(seen).select_related("organiser", "territory", "operator")
    page = keyset_page(request, rows.prefetch_related("rooms", "upgrades"), ("name", "pk"))
    levels = _levels()
    known = conditions([room for site in page.rows for room in site.rooms.all()], clock.today())
    context = {
        "form": form,
        "page": page,
        "rows": [
            (
                site,
                _in_words(site.upgrades.all(), levels)[:1],
                [(room, known.get(room.pk, [])) for room in site.rooms.all()],
            )
            for site in page.rows
        ],
        "may_manage": may(request.user, "exams.site.manage"),
        "own": request.user.organisation_id,
    }
    return render(request, "exams/site_list.html", context)


@require_http_methods(["GET", "POST"])
def site_create(request):
    """Add a site."""
    return _site_form(request, None)


@require_http_methods(["GET", "POST"])
def site_edit(request, pk: int):
    """Change a site; its rooms are listed below."""
    return _site_form(request, _own_site(request, pk))


@require_http_methods(["GET", "POST"])
def room_create(request, pk: int):
    """Add a room to a site."""
    return _room_form(request, _own_site(request, pk), None)


@require_http_methods(["GET", "POST"])
def room_edit(request, pk: int):
    """Change a room."""
    room = _own_room(request, pk)
    return _room_form(request, room.site, room)


@require_http_methods(["GET", "POST"])
def site_upgrade(request, pk: int):
    """Record a level that the site reached."""
    site = _own_site(request, pk)
    form = UpgradeForm(request.POST or None, levels=_levels())
    return _recorded(
        request,
        form,
        partial(upkeep.record_upgrade, actor=request.user, site_id=site.pk),
        done="已登记考试点升级。",
        title="登记升级",
        site=site,
        back=reverse("exams:site_edit", args=[site.pk]),
    )


@require_http_methods(["GET", "POST"])
def room_equip(request, pk: int):
    """Record what the room is equipped for."""
    room = _own_room(request, pk)
    job_types = organised_by(request.user.organisation, clock.today())
    return _recorded(
        request,
        EquipmentForm(request.POST or None, job_types=job_types, initial={"valid_from": clock.today()}),
        partial(upkeep.equip, actor=request.user, room_id=room.pk),
        done="已登记考场设备。",
        title="登记设备",
        site=room.site,
        room=room,
        back=reverse("exams:room_edit", args=[room.pk]),
    )


@require_http_methods(["GET", "POST"])
def equipment_edit(request, pk: int):
    """Change how long the room is equipped for a job type."""
    own = RoomEquipment.objects.visible_to(request.user).filter(room__site__organiser=request.user.organisation_id)
    row = get_object_or_404(own.select_related("room__site", "job_type"), pk=pk)
    initial = {"basis": row.basis, "valid_until": row.valid_until}
    return _recorded(
        request,
        EquipmentEndForm(request.POST or None, initial=initial),
        partial(upkeep.change_equipment, actor=request.user, equipment_id=row.pk),
        done="已更改设备有效期。",
        title=f"{row.job_type}设备有效期",
        site=row.room.site,
        room=row.room,
        back=reverse("exams:room_edit", args=[row.room_id]),
    )


@require_http_methods(["GET", "POST"])
def room_maintain(request, pk: int):
    """Take the room out of use for some days."""
    room = _own_room(request, pk)
    return _recorded(
        request,
        MaintenanceForm(request.POST or None),
        partial(upkeep.plan_maintenance, actor=request.user, room_id=room.pk),
        done=f"已安排考场“{room.name}”维护。",
        title="安排维护",
        site=room.site,
        room=room,
        back=reverse("exams:room_edit", args=[room.pk]),
    )


@require_http_methods(["GET", "POST"])
def maintenance_end(request, pk: int):
    """The room may be used again before the planned end."""
    own = RoomMaintenance.objects.visible_to(request.user).filter(room__site__organiser=request.user.organisation_id)
    row = get_object_or_404(own.select_related("room"), pk=pk)
    return confirm_and_act(
        request,
        partial(upkeep.end_maintenance, actor=request.user, maintenance_id=row.pk),
        done=f"考场“{row.room.name}”已恢复使用。",
        title="恢复使用",
        sentence=f"考场“{row.room.name}”原定{days_words(row.starts_on, row.ends_on)}维护，现恢复使用，可以安排考试。",
        action_label="恢复使用",
        cancel_url=reverse("exams:room_edit", args=[row.room_id]),
        subject=row.room.name,
        danger=False,
    )


def _recorded(request, form, act, *, done: str, title: str, site: ExamSite, back: str, room: ExamRoom | None = None):
    """The page of one form; what ``act`` refuses stands at its fields or above."""
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            act(**form.cleaned_data)
        except Refusal as found:
            refusal = placed(form, found)
        else:
            messages.success(request, done)
            return redirect(back)
    failed = refusal is not None or bool(form.errors)
    context = {"form": form, "refusal": refusal, "title": title, "site": site, "room": room, "back": back}
    return render(request, "exams/site_record.html", context, status=422 if failed else 200)


def _in_words(upgrades, levels: dict[str, str]) -> list[tuple[str, SiteUpgrade]]:
    """Each entry with its level in words, the latest first: the first is what the site has reached."""
    rows = sorted(upgrades, key=lambda row: row.since, reverse=True)
    return [(levels.get(row.level, row.level), row) for row in rows]


def _levels() -> dict[str, str]:
    return standards.site_levels(lookup.edition_on(clock.today()))


def _unrecorded_serves() -> dict[str, bool]:
    """Whether a room with no equipment on record serves for all job types today, by its use."""
    edition = lookup.edition_on(clock.today())
    return {part.value: standards.unrecorded_serves(part, edition) for part in Part}


def _own_room(request, pk: int) -> ExamRoom:
    own = ExamRoom.objects.visible_to(request.user).filter(site__organiser=request.user.organisation_id)
    return get_object_or_404(own.select_related("site"), pk=pk)


def _own_site(request, pk: int) -> ExamSite:
    own = ExamSite.objects.visible_to(request.user).filter(organiser=request.user.organisation_id)
    return get_object_or_404(own, pk=pk)


def _site_form(request, site: ExamSite | None):
    form = SiteForm(request.POST or None, instance=site, organiser=request.user.organisation)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            saved = sites.save_site(actor=request.user, values=form.cleaned_data, site_id=site.pk if site else None)
        except Refusal as found:
            refusal = placed(form, found)
        else:
            own = saved.organiser_id == request.user.organisation_id
            messages.success(request, f"已保存考试点“{saved}”{'' if own else f'，由{saved.organiser}管理'}。")
            return redirect("exams:site_edit", pk=saved.pk) if own else redirect("exams:site_list")
    rooms = list(site.rooms.order_by("part", "name", "pk")) if site else []
    known, fitted, serves = conditions(rooms, clock.today()), equipment_of(rooms), _unrecorded_serves()
    failed = refusal is not None or bool(form.errors)
    context = {
        "form": form,
        "site": site,
        "rooms": [(room, fitted.get(room.pk, []), known.get(room.pk, []), serves[room.part]) for room in rooms],
        "upgrades": _in_words(site.upgrades.all(), _levels()) if site else [],
        "entries": timeline.entries(site) if site else [],
        "refusal": refusal,
    }
    return render(request, "exams/site_form.html", context, status=422 if failed else 200)


def _room_form(request, site: ExamSite, room: ExamRoom | None):
    form = RoomForm(request.POST or None, instance=room)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            saved = sites.save_room(
                actor=request.user, site_id=site.pk, values=form.cleaned_data, room_id=room.pk if room else None
            )
        except Refusal as found:
            refusal = found
        else:
            messages.success(request, f"已保存考场“{saved.name}”。")
            return redirect("exams:site_edit", pk=site.pk)
    failed = refusal is not None or bool(form.errors)
    context = {
        "form": form,
        "site": site,
        "room": room,
        "refusal": refusal,
        "known": conditions([room], clock.today()).get(room.pk, []) if room else [],
        "equipment": equipment_of([room]).get(room.pk, []) if room else [],
        "unrecorded_serves": room is not None and _unrecorded_serves()[room.part],
        "maintenance": room.maintenance.select_related("ended_by") if room else [],
        "today": clock.today(),
        "entries": timeline.entries(room) if room else [],
    }
    return render(request, "exams/room_form.html", context, status=422 if failed else 200)
