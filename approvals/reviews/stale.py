"""A page that was open for a while: what changed on a case since is not decided on unseen."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from django.contrib.contenttypes.models import ContentType

from approvals.cases import take
from certification import clock
from certification.records.models import TransitionLog
from certification.refusals import WrongState
from certification.workdays.wording import plain_day
from certification.workflow import Result
from exams.models import ExamApplication, Material


def unless_changed(
    ids: Sequence[int], seen_at: datetime | None, actor, act: Callable[[list[int]], list[Result]]
) -> list[Result]:
    """``act`` on those of ``ids`` that nobody else changed since ``seen_at``; the others are told what happened.

    Results in the order of ``act``'s, those that changed behind them. What the actor did themselves changes nothing
    for them. Raises DoesNotExist where one is not the actor's to see.
    """
    changed = changes_since(ids, seen_at, actor) if seen_at else {}
    rows = ExamApplication.objects.select_related("person", "job_type")
    stopped = take(rows, actor, list(changed)) if changed else []
    fresh = [pk for pk in ids if pk not in changed]
    made = act(fresh) if fresh else []
    return [*made, *(Result(row, _changed(row, *changed[row.pk]), row.state) for row in stopped)]


def changes_since(ids: Iterable[int], seen_at: datetime, actor) -> dict[int, tuple[datetime, str]]:
    """When and by what each application changed last after ``seen_at``: a step of somebody else, or a new paper."""
    ids = list(ids)
    kind = ContentType.objects.get_for_model(ExamApplication)
    steps = TransitionLog.objects.filter(subject_type=kind, subject_id__in=ids, at__gt=seen_at).exclude(actor=actor)
    steps = steps.exclude(to_state="").order_by("at")
    found = {pk: (at, "办理") for pk, at in steps.values_list("subject_id", "at")}
    papers = Material.objects.filter(application__in=ids, submitted_at__gt=seen_at).order_by("submitted_at")
    return found | {pk: (at, "提交新材料") for pk, at in papers.values_list("application_id", "submitted_at")}


def _changed(application: ExamApplication, at: datetime, how: str) -> WrongState:
    local = clock.local(at)
    return WrongState(
        f"“{application}”在您打开列表后由他人{how}（{plain_day(local.date())} {local:%H:%M}），"
        f"当前状态为“{application.get_state_display()}”。",
        code="changed",
        advice="请刷新列表，查看后再办理。",
    )
