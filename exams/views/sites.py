"""考试点 and their rooms."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from certification import clock
from certification.organisations.access import may
from certification.paging import keyset_page
from certification.refusals import Refusal
from exams.forms.sessions import RoomForm, SiteForm
from exams.models import ExamRoom, ExamSite
from exams.rooms import sites


@require_GET
def site_list(request):
    """Sites with their rooms."""
    rows = ExamSite.objects.visible_to(request.user).select_related("organiser", "territory", "operator")
    page = keyset_page(request, rows.prefetch_related("rooms"), ("name", "pk"))
    context = {
        "page": page,
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
    own = ExamRoom.objects.visible_to(request.user).filter(site__organiser=request.user.organisation_id)
    room = get_object_or_404(own.select_related("site"), pk=pk)
    return _room_form(request, room.site, room)


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
            refusal = found
        else:
            messages.success(request, f"已保存考试点“{saved}”。")
            return redirect("exams:site_edit", pk=saved.pk)
    rooms = site.rooms.prefetch_related("job_types").order_by("name") if site else []
    failed = refusal is not None or bool(form.errors)
    context = {"form": form, "site": site, "rooms": rooms, "refusal": refusal}
    return render(request, "exams/site_form.html", context, status=422 if failed else 200)


def _room_form(request, site: ExamSite, room: ExamRoom | None):
    form = RoomForm(request.POST or None, instance=room, organiser=request.user.organisation, day=clock.today())
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
    context = {"form": form, "site": site, "room": room, "refusal": refusal}
    return render(request, "exams/room_form.html", context, status=422 if failed else 200)
