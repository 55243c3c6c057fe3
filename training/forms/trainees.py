"""One person for a roster, entered by form: the columns of the upload as fields, each with the column's own check."""

from collections.abc import Sequence

from django import forms
from django.core.exceptions import ValidationError

from certification.forms import Form
from certification.refusals import Problem
from certification.spreadsheets.cleaning import CellProblem
from certification.spreadsheets.columns import Column, Record

# The row of the person in the check; nobody sees it.
ROW = 1
CHOOSE = ("", "请选择")
# Where the note of the template speaks of the sheet.
HELP = {"identity": "身份证、居住证号码 18 位，末位可以是 X；护照等填写证件上的号码。", "education": ""}
# The sheet's heading is that of the field; beside the choice of a document it would be wrong.
_LABELS = {"identity": "证件号码"}
# Asked next to the number, which they belong to.
_ORDER = ("name", "document_type", "identity", "sex", "birth_date")


class TraineeForm(Form):
    """The fields of one roster row. ``record`` is what the upload's columns would have made of it."""

    use_required_attribute = False

    def __init__(self, *args, columns: Sequence[Column], with_reason: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        asked = [column for column in columns if column.key != "job_type"]
        self.columns = sorted(asked, key=lambda each: _ORDER.index(each.key) if each.key in _ORDER else len(_ORDER))
        for column in self.columns:
            self.fields[column.key] = _field(column)
        if with_reason:
            widget = forms.Textarea(attrs={"rows": 2})
            self.fields["reason"] = forms.CharField(label="替换原因", max_length=200, widget=widget)

    def clean(self):
        """Each column's own check, at its field."""
        self.values = {}
        for column in sorted(self.columns, key=lambda each: each.in_row):
            text = self.cleaned_data.get(column.key)
            others = (self.values,) if column.in_row else ()
            try:
                self.values[column.key] = column.clean(text, *others) if text else None
            except CellProblem as problem:
                field = problem.field or column.key
                self.add_error(field, ValidationError(f"{problem.message}{problem.advice}", code=problem.code))
        return self.cleaned_data

    @property
    def record(self) -> Record:
        """The row, once the form is valid."""
        return Record(ROW, dict(self.values))

    def say(self, problems: Sequence[Problem]) -> list[Problem]:
        """Put problems at their fields; returns those that have none."""
        others = []
        for problem in problems:
            if problem.field in self.fields:
                text = f"{problem.message}{problem.advice}"
                self.add_error(problem.field, ValidationError(text, code=problem.code))
            else:
                others.append(problem)
        return others


def _field(column: Column) -> forms.Field:
    help_text = HELP.get(column.key, column.note)
    label = _LABELS.get(column.key, column.name)
    if column.choices:
        choices = [CHOOSE, *((choice, choice) for choice in column.choices)]
        return forms.ChoiceField(label=label, choices=choices, required=column.required, help_text=help_text)
    if column.key == "birth_date":
        widget = forms.DateInput(attrs={"type": "date"})
        return forms.CharField(label=label, required=column.required, help_text=help_text, widget=widget)
    return forms.CharField(label=label, max_length=120, required=column.required, help_text=help_text)
