"""What a bulk action has to be told before it happens."""

from django import forms

from approvals.models import Outcome
from certification.forms import Form, ShowsProblems
from exams.models import MaterialKind


class BulkForm(ShowsProblems, Form):
    """A reason, what to correct, or whom it goes to: what the act needs and nothing else."""

    person = forms.ChoiceField(label="办理人")
    material = forms.ChoiceField(label="需要补正的材料", required=False, choices=[("", "其他"), *MaterialKind.choices])
    text = forms.CharField(label="补正内容", max_length=400, help_text="一次性告知，行政许可法第三十二条。")
    reason = forms.CharField(label="理由", max_length=200, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, data=None, *, act: str, colleagues: list[tuple[str, str]]):
        super().__init__(data)
        if act == Outcome.RETURN:
            needed = ("material", "text")
        elif act in Outcome.values:
            needed = ("reason",)
        else:
            needed = ("person", "reason")
            self.fields["person"].choices = [("", "请选择"), *colleagues]
            self.fields["reason"].required = act != "ASSIGN"
        for name in set(self.fields) - set(needed):
            del self.fields[name]
