"""Forms of exam sessions."""

from django import forms

from certification.catalogue.models import CatalogueEdition, Category, JobType, JobTypeVariant
from certification.forms import Form, ShowsProblems
from certification.organisations.models import Designation, Organisation, OrganisationKind
from exams.models import ExamSite, Part
from exams.models.sessions import slot_time
from exams.rooms.sites import usable_by
from exams.sessions.announcing import Time

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
# Exams take place between 07:00 and 21:00; the slots are those of the day (0 is 00:00).
STARTS = [(slot, slot_time(slot)) for slot in range(14, 42)]
ENDS = [(slot, slot_time(slot + 1)) for slot in range(14, 42)]


class SessionForm(Form):
    """A session to announce. Times are chosen in 30-minute slots; the practical part may be left out."""

    job_type = forms.ModelChoiceField(label="操作项目", queryset=JobType.objects.none(), empty_label="请选择")
    variant = forms.ModelChoiceField(
        label="细分", queryset=JobTypeVariant.objects.none(), required=False, empty_label="不分"
    )
    site = forms.ModelChoiceField(label="考试点", queryset=ExamSite.objects.none(), empty_label="请选择")
    capacity = forms.IntegerField(label="计划容量（人）", min_value=1, max_value=1000)
    theory_day = forms.DateField(label="理论考试日期", widget=DAY)
    theory_first = forms.TypedChoiceField(label="理论开始时间", choices=STARTS, coerce=int, initial=18)
    theory_last = forms.TypedChoiceField(label="理论结束时间", choices=ENDS, coerce=int, initial=21)
    practical_day = forms.DateField(
        label="实操考试日期", widget=DAY, required=False, help_text="初训须考实操；复审、换证只考理论，可不填。"
    )
    practical_first = forms.TypedChoiceField(label="实操开始时间", choices=STARTS, coerce=int, initial=27)
    practical_last = forms.TypedChoiceField(label="实操结束时间", choices=ENDS, coerce=int, initial=32)

    def __init__(self, *args, organiser: Organisation, day, **kwargs):
        super().__init__(*args, **kwargs)
        job_types = organised_by(organiser, day)
        self.fields["job_type"].queryset = job_types
        self.fields["variant"].queryset = JobTypeVariant.objects.filter(job_type__in=job_types).select_related(
            "job_type"
        )
        self.fields["variant"].label_from_instance = lambda variant: f"{variant.job_type}：{variant.name}"
        self.fields["site"].queryset = usable_by(organiser)

    def theory(self) -> Time:
        """When the theory part takes place."""
        return Time(*(self.cleaned_data[name] for name in ("theory_day", "theory_first", "theory_last")))

    def practical(self) -> Time | None:
        """When the practical part takes place; None where no day was given."""
        if not self.cleaned_data["practical_day"]:
            return None
        return Time(*(self.cleaned_data[name] for name in ("practical_day", "practical_first", "practical_last")))


class TimesForm(Form):
    """The times that the parts of a session are to have. Asked by GET before the preview, and sent again with it."""

    reason = forms.CharField(label="变更原因", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args, times: dict[str, Time], **kwargs):
        super().__init__(*args, **kwargs)
        self._parts = list(times)
        for part, time in times.items():
            name, key = Part(part).label, part.lower()
            self.fields[f"{key}_day"] = forms.DateField(label=f"{name}考试日期", widget=DAY, initial=time.day)
            self.fields[f"{key}_first"] = forms.TypedChoiceField(
                label=f"{name}开始时间", choices=STARTS, coerce=int, initial=time.first_slot
            )
            self.fields[f"{key}_last"] = forms.TypedChoiceField(
                label=f"{name}结束时间", choices=ENDS, coerce=int, initial=time.last_slot
            )

        self.order_fields([*(name for name in self.fields if name != "reason"), "reason"])

    def times(self) -> dict[str, Time]:
        """What was asked for, by part."""
        return {
            part: Time(*(self.cleaned_data[f"{part.lower()}_{name}"] for name in ("day", "first", "last")))
            for part in self._parts
        }


class SiteChangeForm(ShowsProblems, Form):
    """The site that a session is to go to. Asked by GET before the preview, and sent again with it."""

    site = forms.ModelChoiceField(label="变更到考试点", queryset=ExamSite.objects.none(), empty_label="请选择")
    reason = forms.CharField(label="变更原因", max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args, sites, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = sites.select_related("territory")
        self.fields["site"].label_from_instance = lambda site: f"{site}（{site.place}）"


def organised_by(organiser: Organisation, day):
    """Job types whose exams ``organiser`` organises on ``day``."""
    rows = JobType.objects.filter(group__edition=CatalogueEdition.objects.in_force(day)).select_related("group")
    if organiser.kind == OrganisationKind.PROVINCIAL_CENTRE:
        return rows.filter(group__category=Category.ONE).order_by("code")
    groups = Designation.objects.in_force(day).filter(bureau=organiser).values("group")
    return rows.filter(group__category=Category.TWO, group__in=groups).order_by("code")
