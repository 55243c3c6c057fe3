"""What the forms of all pages have in common: an error that names its field, what an activity found put to the fields,
and any number of files in one field.

Pages derive from ``Form`` and ``ModelForm`` instead of Django's.
"""

from collections.abc import Iterable

from django import forms
from django.core.exceptions import ValidationError

from certification.refusals import Incomplete, Problem, Refusal


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
    """A form of a page. ``marks_optional`` says whether fields that need not be filled in are marked （选填）."""

    marks_optional = True


class ModelForm(NamesMissingFields, forms.ModelForm):
    """A form of a page that keeps a row."""

    marks_optional = True


class ShowsProblems:
    """A form that can show what an activity found, each problem at its field, none twice."""

    def show(self, problems: Iterable[Problem]) -> None:
        """Put ``problems`` to their fields; those that name none stand on top."""
        for problem in problems:
            field = problem.field if problem.field in self.fields else None
            message = f"{problem.message}{problem.advice}"
            if message not in self.errors.get(field or "__all__", ()):
                self.add_error(field, message)


def placed(form: forms.BaseForm | None, refusal: Refusal) -> Refusal | None:
    """``refusal`` where it has to stand above the form; None where all that it found now stands at the fields."""
    if not isinstance(refusal, Incomplete) or not isinstance(form, ShowsProblems):
        return refusal
    form.show(refusal.problems)
    return None


class _ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Files chosen all at once, as Django hands them over; whether none will do is for the activity to say. ``accept``
    is what the browser offers."""

    def __init__(self, *args, accept: str = "", **kwargs):
        super().__init__(*args, widget=_ManyFiles(attrs={"accept": accept} if accept else {}), **kwargs)

    def clean(self, data, initial=None):
        """Each file as Django judges a single one."""
        files = [file for file in (data if isinstance(data, list | tuple) else [data]) if file]
        return [super(FilesField, self).clean(file, initial) for file in files]


class ReadFileField(forms.FileField):
    """One small file, as name and content; None where there is none. ``accept`` is what the browser offers."""

    def __init__(self, *args, accept: str = "", **kwargs):
        super().__init__(*args, widget=forms.ClearableFileInput(attrs={"accept": accept} if accept else {}), **kwargs)

    def clean(self, data, initial=None):
        """What came, read."""
        file = super().clean(data, initial)
        return (file.name, file.read()) if file else None


class ReadFilesField(FilesField):
    """Small files, as name and content."""

    def clean(self, data, initial=None):
        """What came, read."""
        return [(file.name, file.read()) for file in super().clean(data, initial)]
