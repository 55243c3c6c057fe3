"""What one person was reminded of: behind a notice that sums several reminders up."""

from datetime import date

from django.shortcuts import render

from certification.deadlines import cases, naming
from certification.deadlines.models import Deadline, Reminder
from certification.deadlines.reminding.stages import stage_label
from certification.paging import keyset_page


def reminded(request):
    """The reminders to this person, the latest first; ``?rule=&stage=&due=`` narrows to those of one notice."""
    found = Reminder.objects.filter(recipient=request.user, state=Reminder.State.SENT)
    rule, stage, due = (request.GET.get(name, "") for name in ("rule", "stage", "due"))
    if rule:
        found = found.filter(deadline__rule__code=rule)
    if stage:
        found = found.filter(stage=stage)
    if due := _day(due):
        found = found.filter(due_on=due)
    page = keyset_page(request, found, ("-created_at", "-pk"))
    visible = _visible(request.user, [reminder.deadline_id for reminder in page])
    names = naming.names_of(visible.values())
    addresses = _addresses(request.user, visible)
    rows = [
        {
            "reminder": reminder,
            "stage": stage_label(reminder.stage),
            "deadline": visible.get(reminder.deadline_id),
            "name": names.get(reminder.deadline_id),
            "url": addresses.get(reminder.deadline_id, ""),
        }
        for reminder in page
    ]
    return render(request, "deadlines/reminded.html", {"page": page, "rows": rows, "narrowed": bool(rule or stage)})


def _visible(user, ids: list[int]) -> dict[int, Deadline]:
    """Whoever was told of a case once may have lost the right to see it since."""
    found = Deadline.objects.visible_to(user).for_display().filter(pk__in=ids)
    return {deadline.pk: deadline for deadline in found}


def _addresses(user, visible: dict[int, Deadline]) -> dict[int, str]:
    """The page of each case that the user may see and open."""
    subjects = cases.visible_subjects(visible.values(), user)
    found = {}
    for pk, deadline in visible.items():
        if case := subjects.get((deadline.subject_type_id, deadline.subject_id)):
            found[pk] = cases.kind_of(type(case)).url_for(case, user)
    return found


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
