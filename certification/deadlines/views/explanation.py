"""The explanation of one due date."""

from django.shortcuts import get_object_or_404, render

from certification import clock
from certification.deadlines.explanation import explain_deadline
from certification.deadlines.models import Deadline


def explanation(request, pk: int):
    """How the due date of one deadline was counted, day by day; printable."""
    deadline = get_object_or_404(Deadline.objects.visible_to(request.user).for_display(), pk=pk)
    context = {
        "deadline": deadline,
        "explanation": explain_deadline(deadline),
        "state": deadline.state_at(clock.now()),
    }
    return render(request, "deadlines/explanation.html", context)
