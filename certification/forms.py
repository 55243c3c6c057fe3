"""What the forms of all pages have in common: an error that names its field.

Pages derive from ``Form`` and ``ModelForm`` instead of Django's.
"""

from django import forms
from django.core.exceptions import ValidationError


class NamesMissingFields:
    """Says 请填写“开班日期”。 where Django says 这个字段是必填项。; a message of the field's own is kept."""

    def add_error(self, field, error):
        """As Django does, with the required fields named."""
        super().add_error(field, self._named(field, error) if field in self.fields else error)

    def _named(self, name: str, error):
        errors = getattr(error, "error_list", None)
        if errors is None:
            return error
        return ValidationError([self._said(name, one) for one in errors])

    def _said(self, name: str, error: ValidationError) -> ValidationError:
        if error.code != "required" or error.message != forms.Field.default_error_messages["required"]:
            return error
        return ValidationError(missing(self[name].label, self.fields[name]), code="required")


def missing(label: str, field: forms.Field) -> str:
    """What to do about a required field that was left empty."""
    return f"请{_verb(field)}“{label}”。"


def _verb(field: forms.Field) -> str:
    if isinstance(field, forms.FileField):
        return "上传"
    chosen = (forms.Select, forms.RadioSelect, forms.CheckboxSelectMultiple, forms.CheckboxInput)
    return "选择" if isinstance(field.widget, chosen) else "填写"


class Form(NamesMissingFields, forms.Form):
    """A form of a page."""


class ModelForm(NamesMissingFields, forms.ModelForm):
    """A form of a page that keeps a row."""
