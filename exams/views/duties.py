"""我的考务: what somebody on duty needs on the day, and nothing else."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from certification import clock
from certification.paging import keyset_page
from exams.models import Seat, StaffAssignment


@require_GET
def duty_list(request):
    """The person's own duties, the next ones first, then those that are over."""
    rows = _own(request)
    today = clock.today()
    coming = rows.filter(use__part__day__gte=today).order_by("use__part__day", "use__part__first_slot", "pk")
    past = keyset_page(request, rows.filter(use__part__day__lt=today), ("-id",))
    return render(request, "exams/duty_list.html", {"coming": list(coming), "past": past})


@require_GET
def duty_detail(request, pk: int):
    """One duty: room, time, and the candidates of this room in the order of their seats."""
    assignment = get_object_or_404(_own(request), pk=pk)
    seats = Seat.objects.filter(use=assignment.use_id).select_related(
        "candidate__application__person", "candidate__application__institution"
    )
    context = {"assignment": assignment, "part": assignment.use.part, "seats": list(seats.order_by("number"))}
    return render(request, "exams/duty_detail.html", context)


def _own(request):
    """Duties of the person behind the account, whatever else the account may see."""
    rows = StaffAssignment.objects.visible_to(request.user)
    rows = rows.filter(person=request.user.person_id, ended_at__isnull=True)
    return rows.select_related("person", "use__part__session__job_type", "use__room__site")
