"""One trainee; the identity number is masked until somebody asks to see it, and that is logged."""

from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from certification import clock
from certification.organisations.access import may
from certification.portal import timeline
from training.models import Trainee
from training.rosters.submitting import SUBMIT
from training.rosters.trainees import REVEAL, reveal_number
from training.states import TraineeState


@require_safe
def trainee(request, pk: int):
    """What the roster says of a person in a class."""
    return _show(request, _trainee(request, pk))


@require_http_methods(["GET", "POST"])
def trainee_number(request, pk: int):
    """The whole number, once, in answer to a POST; the log line is written before it is shown."""
    found = _trainee(request, pk)
    if request.method != "POST":
        return redirect("training:trainee", found.pk)
    return _show(request, found, number=reveal_number(actor=request.user, trainee_id=found.pk))


def _trainee(request, pk: int) -> Trainee:
    trainees = Trainee.objects.visible_to(request.user).select_related(
        "person", "plan__institution", "plan__job_type", "first_roster", "last_roster", "certificate"
    )
    return get_object_or_404(trainees, pk=pk)


def _show(request, found: Trainee, number: str = ""):
    context = {
        "trainee": found,
        "plan": found.plan,
        "number": number,
        "may_change": _may_change(request.user, found),
        "may_reveal": may(request.user, REVEAL) and not number,
        "entries": timeline.entries(found),
    }
    response = render(request, "training/trainee.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _may_change(user, found: Trainee) -> bool:
    own = found.plan.institution_id == user.organisation_id and may(user, SUBMIT)
    return own and found.state == TraineeState.ENROLLED and found.plan.class_end >= clock.today()
