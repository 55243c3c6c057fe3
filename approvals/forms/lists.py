"""What narrows the review lists. It stands in the address, so that a list can be sent, kept and gone through case by
case; page, counts, export and the next case read it the same way."""

import re
from datetime import date
from urllib.parse import urlencode

from django import forms
from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, OuterRef, Q, QuerySet

from approvals.assignments import assigned
from approvals.models import Outcome
from approvals.reviews.stages import RECORD, STEPS, Step
from certification.catalogue.models import ApplicationKind
from certification.deadlines.models import Deadline
from certification.forms import Form
from certification.organisations.models import Organisation, User
from certification.people import documents
from certification.portal.search import parse
from certification.selection import is_id
from certification.workdays import calendars
from exams.applications import due_days, obligations
from exams.models import NO_DATE, Candidate, ExamApplication, Material
from exams.states import IN_SESSION

MINE, POOL = "mine", "pool"
OVERDUE, TODAY, SOON, UNDATED = "overdue", "today", "soon", "none"
# 即将到期: within so many working days.
DAYS_AHEAD = 3
DUE = (
    ("", "全部"),
    (OVERDUE, "逾期"),
    (TODAY, "今日截止"),
    (SOON, f"{DAYS_AHEAD}个工作日内"),
    (UNDATED, "待安排考试"),
)
_NUMBER = re.compile(r"[A-Z]{2}-\d{4}-\d+")


class AddressFilter(Form):
    """A filter that lives in the address."""

    @property
    def chosen(self) -> dict:
        """What the filter asks for, by the name of its field."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def asked(self) -> dict:
        """The same as an address says it."""
        return {name: "on" if value is True else value for name, value in self.chosen.items()}

    @property
    def query(self) -> str:
        """The address behind ?; "" where nothing is asked for."""
        return urlencode(self.asked)


class ListFilter(AddressFilter):
    """Who, what, from whom and how far; whatever cannot be read narrows nothing."""

    q = forms.CharField(label="姓名、身份证号码或申报编号", required=False, max_length=40)
    due = forms.ChoiceField(label="时限", required=False, choices=DUE)
    who = forms.ChoiceField(label="办理人", required=False)
    kind = forms.ChoiceField(label="申请类型", required=False, choices=[("", "全部"), *ApplicationKind.choices])
    job = forms.CharField(label="作业类别或项目", required=False, max_length=40)
    org = forms.CharField(label="培训机构或设区市", required=False, max_length=40)
    of = forms.CharField(label="班级、场次或批次编号", required=False, max_length=30)
    again = forms.BooleanField(label="退回后再报", required=False)
    conditional = forms.BooleanField(label="缺学时证明或附条件", required=False)

    def __init__(self, data, *, user: User, step: Step, today: date):
        super().__init__({} if data is None else data)
        self.user, self.step, self.today = user, step, today
        self.fields["who"].choices = [("", "全部"), (MINE, "本人"), (POOL, "待认领"), *self._asked_for()]
        if step is RECORD:
            del self.fields["due"], self.fields["who"], self.fields["again"]

    def narrow(self, rows: QuerySet[ExamApplication]) -> QuerySet[ExamApplication]:
        """``rows`` narrowed to what is asked for."""
        for name, value in self.chosen.items():
            rows = getattr(self, f"_by_{name}")(rows, value)
        return rows

    @property
    def asked(self) -> dict:
        return {"stage": self.step.stage.value, **super().asked}

    def with_only(self, **asked: str) -> str:
        """The address of the same review narrowed to this and nothing else."""
        return urlencode({"stage": self.step.stage.value, **asked})

    def _asked_for(self) -> list[tuple[str, str]]:
        """A colleague whom the address names; read only then."""
        who = self.data.get("who", "")
        if not is_id(who):
            return []
        rows = User.objects.filter(pk=int(who), organisation=self.user.organisation_id).select_related("person")
        return [(who, str(user)) for user in rows]

    def _by_q(self, rows, text: str):
        query = parse(text)
        if query is None:
            return rows.filter(person__name__startswith=text.strip())
        if query.identity_prefix:
            return rows.filter(documents.numbered(query.identity_prefix, "person"))
        if _NUMBER.fullmatch(query.text):
            return rows.filter(**{"batch__number" if query.text.startswith("SB") else "number": query.text})
        return rows.filter(person__name__startswith=query.text)

    def _by_due(self, rows, due: str):
        if due == UNDATED:
            return rows.filter(due_on=NO_DATE)
        if due == TODAY:
            return rows.filter(due_on=self.today)
        if due == SOON:
            last = calendars.current().shift(self.today, DAYS_AHEAD).date
            return rows.filter(due_on__gte=self.today, due_on__lte=last)
        return overdue(rows, self.step, self.today)

    def _by_who(self, rows, who: str):
        if who == MINE:
            return assigned.mine(rows, self.user)
        return assigned.in_pool(rows) if who == POOL else assigned.held_by(rows, int(who))

    def _by_kind(self, rows, kind: str):
        return rows.filter(kind=kind)

    def _by_job(self, rows, text: str):
        text = text.strip()
        if text.isdecimal():
            code = "job_type__group__code" if len(text) <= 2 else "job_type__code"
            return rows.filter(**{code: text})
        return rows.filter(Q(job_type__name__contains=text) | Q(job_type__group__name__contains=text))

    def _by_org(self, rows, text: str):
        named = Organisation.objects.filter(Q(name__contains=text.strip()) | Q(short_name__contains=text.strip()))
        return rows.filter(Q(institution__in=named.values("pk")) | Q(organiser__in=named.values("pk")))

    def _by_of(self, rows, text: str):
        text = "".join(text.split()).upper()
        if text.startswith("KS"):
            inside = Candidate.objects.filter(session__number=text, state__in=IN_SESSION)
            return rows.filter(pk__in=inside.values("application"))
        return rows.filter(batch__number=text) if text.startswith("SB") else rows.filter(plan__number=text)

    def _by_again(self, rows, _value):
        return rows.filter(resubmitted_at__isnull=False)

    def _by_conditional(self, rows, _value):
        """What passed on condition, and of renewals under review those whose hours proof is still to come."""
        if self.step is RECORD:
            return rows.filter(conditional=True)
        proof = Material.objects.filter(
            application=OuterRef("pk"), kind__in=obligations.PROOFS, replaced_at__isnull=True
        )
        renewals = rows.exclude(kind=ApplicationKind.INITIAL)
        return renewals.filter(~Exists(proof), hours_confirmed_at__isnull=True)


def overdue(rows: QuerySet[ExamApplication], step: Step, today: date) -> QuerySet[ExamApplication]:
    """Those whose day has passed; a provisional day never makes late, nor one that is paused."""
    late = Deadline.objects.overdue(today).filter(
        subject_type=ContentType.objects.get_for_model(ExamApplication),
        subject_id=OuterRef("pk"),
        rule__code__in=due_days.RULES[step.state],
    )
    return rows.filter(Exists(late), due_on__lt=today)


class ReviewedFilter(AddressFilter):
    """Which opinions the list of what was done shows."""

    q = forms.CharField(label="姓名、身份证号码或申报编号", required=False, max_length=40)
    stage = forms.ChoiceField(label="环节", required=False)
    outcome = forms.ChoiceField(label="意见", required=False, choices=[("", "全部"), *Outcome.choices])
    since = forms.DateField(label="自", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="至", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    late = forms.BooleanField(label="逾期", required=False)
    conditional = forms.BooleanField(label="附条件", required=False)
    mine = forms.BooleanField(label="只看本人办理", required=False)

    def __init__(self, data, *, user: User):
        super().__init__({} if data is None else data)
        self.user = user
        stages = [(step.stage, step.stage.label) for step in STEPS.values()]
        own = [("OBJECTION", "省级异议"), ("PROVINCIAL_RECORD", "省级审核记录")]
        self.fields["stage"].choices = [("", "全部"), *stages, *own]

    def narrow(self, rows):
        """The opinions ``rows`` narrowed to what is asked for."""
        chosen = self.chosen
        for name in ("stage", "outcome", "late", "conditional"):
            if name in chosen:
                rows = rows.filter(**{name: chosen[name]})
        if "mine" in chosen:
            rows = rows.filter(reviewer=self.user)
        if since := chosen.get("since"):
            rows = rows.filter(at__date__gte=since)
        if until := chosen.get("until"):
            rows = rows.filter(at__date__lte=until)
        if text := chosen.get("q", "").strip():
            rows = rows.filter(_who(text))
        return rows


def _who(text: str) -> Q:
    query = parse(text)
    if query is None or query.name:
        return Q(application__person__name__startswith=text)
    if query.identity_prefix:
        return documents.numbered(query.identity_prefix, "application__person")
    return Q(application__number=query.text)
