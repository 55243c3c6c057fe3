"""The days that a filed class is to have instead."""

from django import forms

from certification.forms import Form
from training.plans.moving import DAYS, Days

_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class DaysForm(Form):
    """Asked by GET before the preview, and sent again with its fingerprint."""

    class_start = forms.DateField(
        label="新开班日期", widget=_DAY, help_text="首次报备时间不变，它对新的开班日期也应当在时限内。"
    )
    class_end = forms.DateField(label="新结班日期", widget=_DAY)
    wished_exam_on = forms.DateField(label="拟考试日期", widget=_DAY, required=False)

    def days(self) -> Days:
        """What was asked for."""
        return Days(**{name: self.cleaned_data[name] for name in DAYS})
