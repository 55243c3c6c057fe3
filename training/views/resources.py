"""师资场地: an institution's teachers and venues; those who oversee look at them by institution."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from certification import clock
from certification.forms import placed
from certification.organisations.access import may
from certification.paging import keyset_page
from certification.portal.confirm import confirm_page
from certification.refusals import Refusal
from training import resources as acts
from training.forms.resources import TeacherDetails, TeacherForm, VenueForm
from training.models import Teacher, Venue


@require_safe
def resources(request):
    """Teachers and venues that the person may see."""
    teachers = Teacher.objects.visible_to(request.user).filter(left_at__isnull=True)
    venues = Venue.objects.visible_to(request.user)
    name = request.GET.get("institution", "").strip()
    if name:
        teachers = teachers.filter(institution__name__icontains=name)
        venues = venues.filter(institution__name__icontains=name)
    page = keyset_page(request, teachers.select_related("person", "institution"), ("-pk",))
    today = clock.today()
    manages = may(request.user, acts.MANAGE)
    context = {
        "page": page,
        "teachers": [(row, row.qualified_on(today)) for row in page],
        "venues": list(venues.select_related("institution").order_by("institution", "name", "pk")[:100]),
        "manages": manages,
        "name": name,
    }
    return render(request, "training/resources.html", context)


@require_http_methods(["GET", "POST"])
def teacher_add(request):
    """List a teacher."""
    return _form_page(request, TeacherForm(request.POST or None), "登记教师", acts.list_teacher)


@require_http_methods(["GET", "POST"])
def teacher_edit(request, pk: int):
    """Qualification and validity of a teacher."""
    teacher = _own(request, Teacher.objects.select_related("person"), pk)
    names = ("qualification", "valid_until", "subjects")
    form = TeacherDetails(request.POST or None, initial={name: getattr(teacher, name) for name in names})
    return _form_page(request, form, f"教师：{teacher}", acts.change_teacher, teacher_id=teacher.pk)


@require_http_methods(["GET", "POST"])
def teacher_end(request, pk: int):
    """The teacher has left."""
    teacher = _own(request, Teacher.objects.select_related("person"), pk)
    refusal = None
    if request.method == "POST":
        try:
            acts.end_teacher(actor=request.user, teacher_id=teacher.pk)
            messages.success(request, f"{teacher}已离任。")
            return redirect("training:resources")
        except Refusal as refused:
            refusal = refused
    return confirm_page(
        request,
        title="教师离任",
        sentence=f"将把{teacher}从师资中移出，此前的授课记录不变。",
        action_label="离任",
        cancel_url=reverse("training:resources"),
        refusal=refusal,
    )


@require_http_methods(["GET", "POST"])
def venue_add(request):
    """Add a venue."""
    return _form_page(request, VenueForm(request.POST or None, initial={"active": True}), "登记场地", acts.save_venue)


@require_http_methods(["GET", "POST"])
def venue_edit(request, pk: int):
    """Change a venue, or take it out of use."""
    venue = _own(request, Venue.objects, pk)
    names = ("name", "address", "capacity", "active")
    form = VenueForm(request.POST or None, initial={name: getattr(venue, name) for name in names})
    return _form_page(request, form, f"场地：{venue}", acts.save_venue, venue_id=venue.pk)


def _own(request, rows, pk: int):
    row = get_object_or_404(rows.filter(pk__in=rows.model.objects.visible_to(request.user)), pk=pk)
    if row.institution_id != request.user.organisation_id:
        raise Http404
    return row


def _form_page(request, form, title: str, act, **which):
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            saved = act(actor=request.user, **which, **form.cleaned_data)
            messages.success(request, f"已保存：{saved}。")
            return redirect("training:resources")
        except Refusal as refused:
            refusal = placed(form, refused)
    context = {"form": form, "title": title, "refusal": refusal}
    status = 422 if refusal or (form.is_bound and form.errors) else 200
    return render(request, "training/resource_form.html", context, status=status)
