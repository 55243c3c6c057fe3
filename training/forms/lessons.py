"""Forms of the schedule: one lesson, copying days, uploading."""

from django import forms

from certification.forms import Form, ShowsProblems
from training.lessons.schedule_columns import teacher_names, venue_names
from training.lessons.schedule_entry import LessonEntry
from training.models import Lesson, LessonMode, LessonPart, TrainingPlan

CHOOSE = ("", "请选择")


def _day(label: str, help_text: str = "") -> forms.DateField:
    return forms.DateField(
        label=label, help_text=help_text, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


def _time(label: str) -> forms.TimeField:
    return forms.TimeField(label=label, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))


class LessonForm(ShowsProblems, Form):
    """One lesson; teachers are those of the class, venues those of its institution."""

    day = _day("日期")
    starts_at = _time("开始时间")
    ends_at = _time("结束时间")
    hours = forms.DecimalField(
        label="学时", max_digits=4, decimal_places=1, min_value=0.1, help_text="每学时 45 分钟，最多一位小数。"
    )
    part = forms.ChoiceField(label="类别", choices=LessonPart)
    mode = forms.ChoiceField(label="方式", choices=LessonMode)
    subject = forms.CharField(label="课程内容", max_length=60)
    teacher = forms.TypedChoiceField(
        label="教师", required=False, coerce=int, empty_value=None, help_text="线下课程必选：本班报备的教师。"
    )
    venue = forms.TypedChoiceField(
        label="场地", required=False, coerce=int, empty_value=None, help_text="线下课程必选：本机构登记的场地。"
    )

    def __init__(self, *args, plan: TrainingPlan, **kwargs):
        super().__init__(*args, **kwargs)
        for name, known in (("teacher", teacher_names(plan)), ("venue", venue_names(plan))):
            self.fields[name].choices = [CHOOSE, *((pk, label) for label, pk in known.items())]

    @property
    def entry(self) -> LessonEntry:
        """The lesson; call after ``is_valid``."""
        values = dict(self.cleaned_data)
        return LessonEntry(teacher_id=values.pop("teacher"), venue_id=values.pop("venue"), **values)

    @staticmethod
    def initial_of(lesson: Lesson) -> dict:
        """What the form of ``lesson`` shows."""
        names = ("day", "starts_at", "ends_at", "hours", "part", "mode", "subject")
        shown = {name: getattr(lesson, name) for name in names}
        return {**shown, "teacher": lesson.teacher_id, "venue": lesson.venue_id}


class CopyForm(ShowsProblems, Form):
    """Which days to copy to where: one day, or a week."""

    first = _day("从（含当日）")
    last = _day("至（含当日）", "只复制一天的，与上面相同；复制一周的，填一周的最后一天。")
    to = _day("复制到", "“从”的那天复制到这一天，其余依次顺延。")

    def clean(self):
        """The days in order, and not onto themselves."""
        first, last, to = (self.cleaned_data.get(name) for name in ("first", "last", "to"))
        if first and last and last < first:
            self.add_error("last", "截止日期早于起始日期。")
        if first and to and to == first:
            self.add_error("to", "请选择另一天。")
        return self.cleaned_data


class UploadForm(Form):
    """A spreadsheet."""

    file = forms.FileField(label="文件", help_text="xlsx，或 UTF-8、GB18030 编码的 csv。")


class OnlineUploadForm(ShowsProblems, UploadForm):
    """A platform's report."""

    platform = forms.CharField(label="学习平台", max_length=60, help_text="同一平台再次导入时，替换此前的导入。")
    reason = forms.CharField(label="更正原因", max_length=200, required=False, help_text="替换此前的导入时填写。")
    field_order = ("platform", "file", "reason")
