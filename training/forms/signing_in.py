"""The sign-in of a lesson: everybody is there unless marked otherwise."""

from collections.abc import Mapping, Sequence

from django import forms

from certification.forms import Form, ShowsProblems
from training.lessons.signing_in import Mark
from training.models import Attendance, Presence, Trainee


class SignInForm(ShowsProblems, Form):
    """For each trainee a presence and a remark; ``version`` is the sheet that was seen, ``reason`` for a correction."""

    use_required_attribute = False

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    reason = forms.CharField(label="更正原因", max_length=200, required=False)

    def __init__(self, *args, trainees: Sequence[Trainee], standing: Mapping[int, Attendance], version: int, **kwargs):
        super().__init__(*args, initial={"version": version}, **kwargs)
        self.trainees = list(trainees)
        # Whoever saw an earlier sheet is told of the later one before a reason is asked for.
        self.fields["reason"].required = version > 0 and str(self.data.get("version", version)) == str(version)
        for trainee in self.trainees:
            row = standing.get(trainee.pk)
            self.fields[f"presence_{trainee.pk}"] = forms.ChoiceField(
                label=f"{trainee.person.name}的出勤",
                choices=Presence,
                initial=row.presence if row else Presence.PRESENT,
                widget=forms.RadioSelect,
            )
            self.fields[f"note_{trainee.pk}"] = forms.CharField(
                label=f"{trainee.person.name}的备注",
                required=False,
                max_length=60,
                initial=row.note if row else "",
                widget=forms.TextInput(attrs={"placeholder": "备注"}),
            )

    @property
    def rows(self) -> list[tuple]:
        """Each trainee with the two fields."""
        return [(one, self[f"presence_{one.pk}"], self[f"note_{one.pk}"]) for one in self.trainees]

    @property
    def marks(self) -> dict[int, Mark]:
        """What was marked; call after ``is_valid``."""
        said = self.cleaned_data
        return {one.pk: Mark(said[f"presence_{one.pk}"], said[f"note_{one.pk}"].strip()) for one in self.trainees}
