"""The form in which a person says which column of the file is which."""

from collections.abc import Sequence
from dataclasses import replace

from django import forms
from django.core.exceptions import ValidationError

from certification.forms import Form
from certification.imports.reports import masked
from certification.spreadsheets.columns import Column, shown
from certification.spreadsheets.layout import Found, Layout
from certification.spreadsheets.scanning import column_letters
from certification.spreadsheets.tables import Sheet

_SAMPLES = 3
_SEARCHED_ROWS = 50


class HeaderForm(Form):
    """Which sheet, and in which of its rows the headings stand."""

    sheet = forms.ChoiceField(label="工作表", required=False)
    header_row = forms.IntegerField(label="表头在第几行", min_value=1, max_value=100_000)

    def __init__(self, *args, sheets: Sequence[Sheet], **kwargs):
        super().__init__(*args, **kwargs)
        names = [sheet.name for sheet in sheets]
        if len(names) < 2:
            del self.fields["sheet"]
        else:
            self.fields["sheet"].choices = [(name, name) for name in names]


class ColumnsForm(Form):
    """For each of our columns, the column of the file that holds it."""

    def __init__(self, *args, columns: Sequence[Column], found: Found, sheet: Sheet, **kwargs):
        super().__init__(*args, **kwargs)
        self.layout = found.layout
        offered = [("", "（表中没有）"), *_offered(found.layout, sheet)]
        for column in columns:
            self.fields[column.key] = forms.ChoiceField(
                label=column.name,
                choices=offered,
                required=column.required,
                initial=found.layout.places.get(column.key, ""),
                help_text="" if column.required else "表中没有这一列的可以不选。",
            )

    def clean(self):
        """No column of the file stands for two of ours."""
        chosen: dict[str, str] = {}
        for name, index in list(self.cleaned_data.items()):
            if index and index in chosen:
                label = self.fields[chosen[index]].label
                self.add_error(name, ValidationError(f"这一列已选为“{label}”。", code="twice"))
            chosen.setdefault(index, name)
        return self.cleaned_data

    def chosen(self) -> Layout:
        """The layout that was said."""
        places = {name: int(index) for name, index in self.cleaned_data.items() if index}
        return replace(self.layout, places=places)


def _offered(layout: Layout, sheet: Sheet) -> list[tuple[str, str]]:
    body = [row for row in sheet.rows if row.number >= layout.begins][:_SEARCHED_ROWS]
    return [
        (str(index), f"{column_letters(index + 1)} 列“{heading or '无表头'}”{_samples(body, index)}")
        for index, heading in enumerate(layout.header)
    ]


def _samples(body, index: int) -> str:
    said = [masked(shown(row.cells[index])) for row in body if index < len(row.cells)]
    some = [text for text in said if text.strip()][:_SAMPLES]
    return f"，如 {'、'.join(some)}" if some else "（空列）"
