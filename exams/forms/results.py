"""The sheet on which results of one part are entered: one row for each candidate, kept as typed."""

from decimal import Decimal

from django import forms

from certification.forms import Form
from exams.models import Candidate, Part, Result
from exams.scores.results import Row
from exams.standards import PartStandard


class ResultForm(Form):
    """One candidate's row. An empty row (no score, not absent) is left for later."""

    absent = forms.BooleanField(label="缺考", required=False)
    score = forms.DecimalField(label="成绩", required=False, max_digits=4, decimal_places=1, min_value=0)
    veto = forms.BooleanField(label="否决项", required=False)

    def __init__(self, *args, candidate: Candidate, part: Part, standard: PartStandard, result, sign_in=None, **kwargs):
        super().__init__(*args, prefix=f"candidate-{candidate.pk}", initial=_initial(result, sign_in), **kwargs)
        self.candidate = candidate
        self.sign_in = sign_in
        self.result: Result | None = result
        self.standard = standard
        self.subjects = standard.subjects
        name = candidate.application.person.name
        for subject in self.subjects:
            self.fields[subject.code] = forms.DecimalField(
                label=subject.code,
                required=False,
                max_digits=4,
                decimal_places=1,
                min_value=0,
                max_value=subject.points if subject.binding else None,
                error_messages={"max_value": f"{name}：{subject.code} 超过该科目的 {subject.points} 分。"},
            )
        if part == Part.THEORY:
            del self.fields["veto"]
        else:
            del self.fields["score"]
        for field in self.fields.values():
            if not isinstance(field, forms.BooleanField):
                field.widget.attrs["class"] = "score"
            field.widget.attrs["aria-label"] = f"{name} {field.label}"

    @property
    def locked(self) -> bool:
        """Whether the result is checked already and cannot be changed here."""
        return self.result is not None and self.result.state != "ENTERED"

    def cells(self):
        """The fields for scores, in order."""
        return [self[subject.code] for subject in self.subjects] if self.subjects else [self["score"]]

    def row(self) -> Row | None:
        """What to enter; None where nothing was typed."""
        data = self.cleaned_data
        subscores: dict[str, Decimal] = {
            subject.code: data[subject.code] for subject in self.subjects if data.get(subject.code) is not None
        }
        score = sum(subscores.values()) if subscores else data.get("score")
        if not data["absent"] and score is None and not data.get("veto"):
            return None
        drawn = self.result.drawn if self.result else ""
        return Row(self.candidate.pk, data["absent"], score, subscores, data.get("veto", False), drawn)


def _initial(result: Result | None, sign_in) -> dict:
    """What stands already; who was not in the room comes ticked as absent."""
    if result is None:
        return {"absent": sign_in is not None and not sign_in.came}
    return {"absent": result.absent, "score": result.score, "veto": result.veto, **result.subscores}
