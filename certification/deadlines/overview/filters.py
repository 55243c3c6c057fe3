"""What of the overdue board and of the figures to show; it all lives in the address."""

from datetime import date, datetime

from django import forms
from django.db.models import Exists, OuterRef, Q

from certification import clock
from certification.catalogue.models import Category, OperationGroup
from certification.deadlines import cases
from certification.deadlines.due import AREA
from certification.deadlines.overview import standing
from certification.deadlines.overview.standing import TIERS, Standing
from certification.forms import Form
from certification.organisations.models import Organisation, OrganisationKind, Territory
from certification.organisations.roles import REACH, Reach
from certification.rulebook.models import Rule
from certification.selection import is_id
from certification.workdays import calendars

ALL = ("", "全部")
# Of cases that have none: what the province organises, exam plans and sessions.
NONE = "none"
NO_CITY, NO_INSTITUTION = "省厅考试中心组织", "不属于某一培训机构"
INTERNAL = "internal"
LATE, SOON, EVERY = "late", "soon", "all"
STATES = (
    (Standing.OVERDUE.value, Standing.OVERDUE.label),
    (SOON, "即将到期"),
    (LATE, "全部逾期"),
    (Standing.MET_LATE.value, Standing.MET_LATE.label),
    (Standing.CLOSED_LATE.value, Standing.CLOSED_LATE.label),
    (Standing.OPEN.value, Standing.OPEN.label),
    (Standing.MET.value, Standing.MET.label),
    (EVERY, "全部时限"),
)
DAYS_AHEAD = 3
# Short, for the heads of tables.
_SHORT_LABELS = {OrganisationKind.CITY_BUREAU: "设区市"}
TIER_CHOICES = [(tier.value, _SHORT_LABELS.get(tier, tier.label)) for tier in TIERS]


class MonthField(forms.CharField):
    """A month as YYYY-MM; its first day as a date."""

    widget = forms.TextInput(attrs={"type": "month", "placeholder": "2026-11", "autocomplete": "off"})

    def to_python(self, value):
        text = super().to_python(value)
        if not text:
            return None
        try:
            return date.fromisoformat(f"{text}-01")
        except ValueError:
            raise forms.ValidationError("请填写年月，例如 2026-11。") from None


class CaseFilter(Form):
    """Which deadlines, by the month of their last day, who is responsible and whose case it is. Whatever cannot be
    read filters nothing."""

    since = MonthField(label="截止月份自", required=False)
    until = MonthField(label="截止月份至", required=False)
    rule = forms.ChoiceField(label="事项", required=False)
    tier = forms.ChoiceField(label="责任层级", required=False, choices=[ALL, *TIER_CHOICES])
    city = forms.ChoiceField(label="设区市", required=False)
    institution = forms.ChoiceField(label="培训机构", required=False)
    category = forms.ChoiceField(label="分类", required=False, choices=[ALL, *Category.choices])
    group = forms.ChoiceField(label="作业类别", required=False)
    nature = forms.ChoiceField(
        label="性质", required=False, choices=[("", "方案和法定时限"), (INTERNAL, "内部控制目标")]
    )

    def __init__(self, data, *, user):
        super().__init__(data)
        reaches = {REACH[role] for role in user.roles_on(clock.today())}
        self.fields["rule"].choices = [ALL, *rule_titles().items()]
        groups = OperationGroup.objects.filter(edition__active=True).order_by("code")
        self.fields["group"].choices = [ALL, *dict(groups.values_list("code", "name")).items()]
        if Reach.PROVINCE in reaches:
            self.fields["city"].choices = [ALL, *_cities()]
        else:
            del self.fields["city"]
        if reaches & {Reach.PROVINCE, Reach.CITY}:
            self.fields["institution"].choices = [ALL, *_institutions(user, reaches, data.get("institution", ""))]
        else:
            del self.fields["institution"]

    def narrow(self, rows):
        """``rows`` (see ``standing.with_case``) narrowed to what is asked for: internal targets or the others."""
        return self.narrow_both(rows).filter(internal=self.chosen.get("nature") == INTERNAL)

    def narrow_both(self, rows):
        """The same without the question whether a day is an internal target."""
        self.is_valid()
        chosen = self.chosen
        if since := chosen.get("since"):
            rows = rows.filter(due_on__gte=since)
        if until := chosen.get("until"):
            rows = rows.filter(due_on__lt=following(until))
        for name, lookup in (("rule", "rule__code"), ("tier", "responsible__kind")):
            if name in chosen:
                rows = rows.filter(**{lookup: chosen[name]})
        for name in ("city", "institution"):
            if name in chosen:
                none = chosen[name] == NONE
                rows = rows.filter(**({f"{name}__isnull": True} if none else {name: int(chosen[name])}))
        return _of_job_type(rows, chosen)

    @property
    def chosen(self) -> dict:
        """What the filter asks for, by the name of its field."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def is_set(self) -> bool:
        """Whether anything is filtered."""
        return bool(self.chosen)

    @property
    def query(self) -> dict[str, str]:
        """What the filter asks for, as an address says it."""
        return {name: f"{value:%Y-%m}" if isinstance(value, date) else value for name, value in self.chosen.items()}


class BoardFilter(CaseFilter):
    """Of the board: also where the deadlines stand; overdue ones unless something else is asked for."""

    state = forms.ChoiceField(label="情况", required=False, choices=STATES)
    days = forms.IntegerField(label="几个工作日内到期", required=False, min_value=0, max_value=60)
    field_order = ["state", "rule", "tier", "city", "institution", "category", "group", "since", "until", "nature"]

    def __init__(self, data, *, user):
        super().__init__(data, user=user)
        self.fields["days"].widget.attrs["placeholder"] = str(DAYS_AHEAD)
        if self.asked != SOON:
            self.fields["days"].widget = forms.HiddenInput()

    def apply(self, rows, now: datetime):
        """``rows`` narrowed to what the filter asks for, at ``now``."""
        return self.narrow(rows).filter(self._condition(now))

    @property
    def asked(self) -> str:
        """Which standing is asked for."""
        asked = self.data.get("state", "")
        return asked if asked in dict(STATES) else Standing.OVERDUE.value

    @property
    def days_ahead(self) -> int:
        """Within how many working days 即将到期 is due; today counts as none."""
        self.is_valid()
        days = self.cleaned_data.get("days")
        return DAYS_AHEAD if days is None else days

    @property
    def state_label(self) -> str:
        return dict(STATES)[self.asked]

    @property
    def is_set(self) -> bool:
        return bool(self.chosen.keys() - {"state", "days"}) or self.asked != Standing.OVERDUE.value

    def _condition(self, now: datetime) -> Q:
        if self.asked == EVERY:
            return Q()
        if self.asked == LATE:
            return standing.is_late(now)
        if self.asked != SOON:
            return standing.condition(self.asked, now)
        today = clock.day_of(now)
        last = calendars.current().shift(today, self.days_ahead).date
        return standing.condition(Standing.OPEN, now) & Q(due_on__gte=today, due_on__lte=last)


def following(month: date) -> date:
    """The first day of the month after ``month`` (its first day)."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def rule_titles() -> dict[str, str]:
    """Every deadline rule's code and its newest title, in the order in which they were shipped. One query."""
    return dict(Rule.objects.filter(area=AREA).order_by("pk").values_list("code", "title"))


def _cities() -> list[tuple[str, str]]:
    rows = Territory.objects.order_by("code").values_list("pk", "name")
    return [*((str(pk), name) for pk, name in rows), (NONE, NO_CITY)]


def _institutions(user, reaches, asked: str) -> list[tuple[str, str]]:
    """All, or those of the city; it may also organise for one elsewhere, which is listed where it is asked for."""
    rows = Organisation.objects.filter(kind=OrganisationKind.TRAINING_INSTITUTION)
    if Reach.PROVINCE not in reaches:
        own = Q(territory=user.organisation.territory_id)
        rows = rows.filter(own | Q(pk=int(asked)) if is_id(asked) else own)
    rows = rows.order_by("territory", "name").values_list("pk", "short_name")
    return [*((str(pk), name) for pk, name in rows), (NONE, NO_INSTITUTION)]


def _of_job_type(rows, chosen: dict):
    """By the catalogue: each kind of case has its own way to its job type. A look-up per row, no list of cases."""
    lookups = {"group": "group__code", "category": "group__category"}
    wanted = {lookups[name]: chosen[name] for name in lookups if name in chosen}
    if not wanted:
        return rows
    fitting = Q(pk__in=[])
    for kind in cases.kinds():
        cases_of_type = kind.model._base_manager.filter(
            pk=OuterRef("subject_id"), **{f"{kind.job_type}__{lookup}": value for lookup, value in wanted.items()}
        )
        fitting |= Q(Exists(cases_of_type), subject_type=kind.content_type)
    return rows.filter(fitting)
