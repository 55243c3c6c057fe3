"""查阅记录: who saw personal data, for those who watch over it."""

from datetime import datetime, time, timedelta

from django import forms
from django.db.models import Q, QuerySet

from certification import clock
from certification.clock import SHANGHAI
from certification.forms import Form
from certification.organisations.models import User
from certification.organisations.roles import REACH, Reach, Role
from certification.records import accesses
from certification.records.models import TransitionLog

VIEW = "records.view_accesses"
WATCHERS = (Role.AUDITOR, Role.PROVINCIAL_HEAD, Role.CITY_HEAD)
ORDER = ("-at", "-pk")
COLUMNS = ("时间", "查阅人", "单位", "方式", "内容", "事项", "涉及人数")


class AccessFilter(Form):
    """Which views to show; it all lives in the address. Whatever cannot be read filters nothing."""

    kind = forms.ChoiceField(label="方式", required=False, choices=[("", "全部"), *accesses.LABELS.items()], initial="")
    who = forms.CharField(label="查阅人", required=False, max_length=40)
    case = forms.CharField(label="事项或考生", required=False, max_length=60)
    first = forms.DateField(label="自", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label="至", required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def apply(self, rows: QuerySet[TransitionLog]) -> QuerySet[TransitionLog]:
        """``rows`` narrowed to what is asked for."""
        self.is_valid()
        asked = self.cleaned_data
        if kind := asked.get("kind"):
            rows = rows.filter(name=kind)
        if who := asked.get("who", "").strip():
            rows = rows.filter(Q(actor__person__name__startswith=who) | Q(actor__username=who))
        if case := asked.get("case", "").strip():
            rows = rows.filter(detail__case__icontains=case)
        if first := asked.get("first"):
            rows = rows.filter(at__gte=_midnight(first))
        if last := asked.get("last"):
            rows = rows.filter(at__lt=_midnight(last + timedelta(days=1)))
        return rows


def seen_by(user: User) -> QuerySet[TransitionLog]:
    """The views that ``user`` may see: all of the province, or those of the own bureau's people."""
    rows = accesses.lines().select_related("actor__person", "actor__organisation")
    reaches = {REACH[role] for role in user.roles_on(clock.today()) if role in WATCHERS}
    if Reach.PROVINCE in reaches:
        return rows
    return rows.filter(actor__organisation=user.organisation_id) if Reach.CITY in reaches else rows.none()


def row_of(line: TransitionLog) -> tuple:
    """One line as the columns show it."""
    detail = line.detail
    return (
        line.at,
        str(line.actor),
        line.actor.organisation.short_name if line.actor.organisation else "",
        accesses.LABELS[line.name],
        detail.get("file") or detail.get("what") or "证件号码",
        detail.get("case", ""),
        detail.get("persons", 1),
    )


def _midnight(day) -> datetime:
    return datetime.combine(day, time.min, tzinfo=SHANGHAI)
