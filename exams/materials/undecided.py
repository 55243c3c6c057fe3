"""Files of an upload about which nobody decides: nobody's papers, and full of personal data.

They wait for the calendar days of rule ``materials.undecided``. Before they end the institution is told, and has the
rule's days from then on however late the notice went out; then the files are given up. Their names stay on the list.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.urls import reverse

from certification import clock
from certification.notices.sending import notify_role
from certification.organisations.models import User
from certification.organisations.roles import Role
from certification.portal.todo import Todo
from certification.records.history import acting_as
from certification.rulebook import lookup
from certification.workdays.wording import plain_day
from exams.materials import uploads
from exams.materials.paper_standards import MATERIALS
from exams.models import MaterialUpload, UploadedFile
from exams.models.uploads import TO_DECIDE
from training.models import TrainingPlan

_SHOWN = 20


class _Days(NamedTuple):
    keep: timedelta
    notice: timedelta


def keeps_until(upload: MaterialUpload) -> date:
    """The last day on which the undecided files of ``upload`` wait."""
    return _until(upload, _days(clock.today()))


def give_up(now: datetime | None = None) -> dict[str, int]:
    """Tell of what ends soon and give up what has ended, each upload in a transaction of its own. May run twice, at
    once, or be killed anywhere. Returns how many uploads were told of and how many files were given up."""
    now = now or clock.now()
    today = clock.day_of(now)
    days = _days(today)
    begun = clock.end_of(today - days.keep + days.notice)
    old = _waiting().filter(uploaded_at__lt=begun).order_by("pk")
    summary = {"warned": 0, "given_up": 0}
    for pk in list(old.values_list("pk", flat=True)):
        with transaction.atomic():
            upload = MaterialUpload.objects.filter(pk=pk).select_for_update(of=("self",), skip_locked=True).first()
            if upload is None:
                continue
            if upload.warned_at is None:
                summary["warned"] += _warn(upload, days, now)
            elif _until(upload, days) < today:
                summary["given_up"] += _end(upload, days, now)
    return summary


def lines(user: User, now: datetime) -> Iterator[Todo]:
    """For the institution's home page: classes with files to decide about, with the day on which the first end."""
    days = _days(clock.day_of(now))
    found = _waiting().visible_to(user).filter(plan__institution=user.organisation_id, files__state__in=TO_DECIDE)
    counts: Counter[int] = Counter()
    first: dict[int, date] = {}
    # Small rows, and as many as an institution leaves within the days that they are kept: read whole.
    for upload in found.annotate(number=Count("files")).only("plan", "uploaded_at", "warned_at"):
        counts[upload.plan_id] += upload.number
        until = _until(upload, days)
        first[upload.plan_id] = min(first.get(upload.plan_id, until), until)
    shown = sorted(first, key=lambda plan_id: (first[plan_id], plan_id))[:_SHOWN]
    plans = TrainingPlan.objects.select_related("job_type").in_bulk(shown)
    for plan_id in shown:
        yield Todo("处理未归入的材料", _url(plan_id), str(plans[plan_id]), due_on=first[plan_id], count=counts[plan_id])


def _days(day: date) -> _Days:
    said = lookup.values(MATERIALS, "undecided", day)
    return _Days(timedelta(days=said["keep_days"]), timedelta(days=said["notice_days"]))


def _waiting() -> QuerySet[MaterialUpload]:
    undecided = UploadedFile.objects.filter(upload=OuterRef("pk"), state__in=TO_DECIDE)
    return MaterialUpload.objects.filter(Exists(undecided))


def _until(upload: MaterialUpload, days: _Days) -> date:
    told = clock.day_of(upload.warned_at) + days.notice if upload.warned_at else date.min
    return max(clock.day_of(upload.uploaded_at) + days.keep, told)


def _warn(upload: MaterialUpload, days: _Days, now: datetime) -> int:
    number = upload.files.filter(state__in=TO_DECIDE).count()
    if not number:
        return 0
    upload.warned_at = now
    upload.save(update_fields=["warned_at"])
    _tell(
        upload,
        f"有 {number} 个上传的材料尚未归入申报：{upload.plan}",
        f"请在 {plain_day(_until(upload, days))}前指定是谁的哪种材料；到期仍未处理的将自动删除，需要时须重新上传。",
        now,
    )
    return 1


def _end(upload: MaterialUpload, days: _Days, now: datetime) -> int:
    system = User.objects.system()
    rows = upload.files.filter(state__in=TO_DECIDE).select_for_update(of=("self",)).select_related("file")
    with acting_as(system):
        number = uploads.let_go(rows.order_by("pk"), f"上传后 {days.keep.days} 日内没有处理，已自动删除。", system, now)
    if number:
        _tell(upload, f"{number} 个未归入的材料已到期删除：{upload.plan}", "需要的请重新上传。", now)
    return number


def _tell(upload: MaterialUpload, title: str, body: str, now: datetime) -> None:
    plan, url = upload.plan, _url(upload.plan_id)
    notify_role(Role.INSTITUTION_FILER, plan.institution, title=title, body=body, url=url, about=plan, now=now)


def _url(plan_id: int) -> str:
    return reverse("exams:materials_upload", args=[plan_id])
