"""考务人员库: the list, taking somebody in, taking somebody out."""

from functools import partial

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from certification import clock
from certification.catalogue.models import JobType
from certification.forms import placed
from certification.organisations.access import may
from certification.paging import keyset_page
from certification.portal.confirm import confirm_and_act
from certification.refusals import Refusal
from exams.forms.applications import Reason
from exams.forms.staff_pool import PoolForm
from exams.models import Duty, StaffQualification
from exams.staff import pool


@require_GET
def pool_staff(request):
    """Who stands in the pools that the user may see; ``?duty=`` narrows, ``?ended`` shows who was taken out too."""
    rows = StaffQualification.objects.visible_to(request.user).select_related("person", "organisation")
    duty = request.GET.get("duty", "")
    if duty in Duty.values:
        rows = rows.filter(duty=duty)
    if "ended" not in request.GET:
        rows = rows.filter(ended_at__isnull=True)
    page = keyset_page(request, rows.prefetch_related("job_types"), ("-id",))
    context = {
        "page": page,
        "duties": Duty.choices,
        "duty": duty,
        "ended": "ended" in request.GET,
        "today": clock.today(),
        "may_manage": may(request.user, pool.POOL),
        "own": request.user.organisation_id,
    }
    return render(request, "exams/pool_staff.html", context)


@require_http_methods(["GET", "POST"])
def pool_admit(request):
    """Take somebody in."""
    job_types = JobType.objects.filter(group__edition__active=True).order_by("code")
    form = PoolForm(request.POST or None, persons=pool.eligible(request.user.organisation_id), job_types=job_types)
    refusal = None
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        person = said.pop("person")
        try:
            pool.admit(actor=request.user, person_id=person.pk, **said)
            messages.success(request, f"{person}已入库。")
            return redirect("exams:pool_staff")
        except Refusal as found:
            refusal = placed(form, found)
    status = 422 if refusal or form.errors else 200
    return render(request, "exams/pool_admit.html", {"form": form, "refusal": refusal}, status=status)


@require_http_methods(["GET", "POST"])
def pool_end(request, pk: int):
    """Take somebody out, with a reason."""
    own = StaffQualification.objects.visible_to(request.user).filter(organisation=request.user.organisation_id)
    row = get_object_or_404(own.select_related("person"), pk=pk)
    return confirm_and_act(
        request,
        partial(pool.end, actor=request.user, entry_id=row.pk),
        done=f"{row.person}已出库。",
        title="出库",
        sentence=f"{row.person}不再列入考务人员库（{row.get_duty_display()}），已安排的考务须另行改派。",
        action_label="出库",
        cancel_url=reverse("exams:pool_staff"),
        form=Reason(request.POST or None),
    )
