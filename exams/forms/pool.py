"""Forms of 待安排考试: which of the waiting to show, and where they go."""

from django import forms
from django.db.models import Q

from certification.catalogue.models import ApplicationKind, JobType
from certification.forms import Form
from certification.people import documents
from certification.workdays.wording import plain_day
from exams.models import ExamSession
from exams.states import IN_POOL

ALL = ("", "全部")


class PoolFilter(Form):
    """What of the pool to show; it lives in the address. Whatever cannot be read filters nothing."""

    job_type = forms.ChoiceField(label="操作项目", required=False)
    kind = forms.ChoiceField(label="类型", required=False, choices=[ALL, *ApplicationKind.choices])
    state = forms.ChoiceField(
        label="审核",
        required=False,
        choices=[ALL, *((row.value, row.label) for row in IN_POOL)],
    )
    institution = forms.CharField(label="培训机构", required=False, max_length=80)
    person = forms.CharField(label="姓名或证件号码", required=False, max_length=40)

    def __init__(self, data, *, waiting):
        super().__init__(data)
        job_types = JobType.objects.filter(pk__in=waiting.order_by().values("job_type")).order_by("code", "pk")
        # Several editions of the catalogue have the same one; the latest names it.
        names = {row.code: str(row) for row in job_types}
        self.fields["job_type"].choices = [ALL, *names.items()]

    def apply(self, waiting):
        """``waiting`` narrowed to what the filter asks for."""
        self.is_valid()
        chosen = {name: value for name, value in self.cleaned_data.items() if value}
        lookups = {
            "job_type": "job_type_code",
            "kind": "kind",
            "state": "state",
            "institution": "institution__name__icontains",
        }
        waiting = waiting.filter(**{lookups[name]: value for name, value in chosen.items() if name in lookups})
        if typed := chosen.get("person"):
            waiting = waiting.filter(Q(person__name__contains=typed) | documents.numbered(typed, "person"))
        return waiting

    @property
    def is_set(self) -> bool:
        """Whether anything is filtered."""
        return any(self.cleaned_data.values())


class AssignForm(Form):
    """Which session the chosen ones go to: the ticked, or with ``everyone`` all that the filter shows, on every
    page."""

    session = forms.ModelChoiceField(label="安排到场次", queryset=ExamSession.objects.none(), empty_label="请选择场次")
    everyone = forms.BooleanField(label="包括其他各页：符合筛选条件、操作项目与场次相同的全部人员", required=False)

    def __init__(self, *args, sessions, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["session"].queryset = sessions
        self.fields["session"].label_from_instance = lambda session: (
            f"{session.number} {session.job_type} {plain_day(session.starts_on)}"
        )
