"""Forms of the exam day: the door, the record of a room, the recording; made for the phone."""

from django import forms

from certification.forms import Form, ShowsProblems
from exams.models import Attendance


class SignInForm(ShowsProblems, Form):
    """What was compared before somebody is let in."""

    use_required_attribute = False
    number = forms.CharField(
        label="读取的证件号码",
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
        help_text="用读卡器读取或者照证件键入；没有读取的，核对后勾选“号码一致”。",
    )
    number_compared = forms.BooleanField(label="已核对，证件号码与名单一致", required=False)
    identity_compared = forms.BooleanField(label="已核对，证件、照片与本人一致", required=False)


class RefuseForm(ShowsProblems, Form):
    """Why somebody is not let in."""

    use_required_attribute = False
    cause = forms.ChoiceField(label="不得入场的情形", required=False)
    note = forms.CharField(label="说明", required=False, max_length=200)

    def __init__(self, *args, causes: dict[str, str], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["cause"].choices = [("", "请选择"), *causes.items()]


class CorrectForm(ShowsProblems, Form):
    """What the sign-in ought to say, and why."""

    outcome = forms.ChoiceField(
        label="更正为",
        choices=[(one.value, one.label) for one in (Attendance.PRESENT, Attendance.LATE, Attendance.ABSENT)],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label="更正原因", max_length=200, widget=forms.Textarea(attrs={"rows": 3}))


class RecordForm(ShowsProblems, Form):
    """The record of a room: its times, the lines of the edition, what else there was."""

    use_required_attribute = False
    started_at = forms.TimeField(
        label="实际开始", required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    ended_at = forms.TimeField(
        label="实际结束", required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    remarks = forms.CharField(label="其他情况", required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args, lines, **kwargs):
        super().__init__(*args, **kwargs)
        self.lines = lines
        for line in lines:
            self.fields[f"answer_{line.code}"] = forms.ChoiceField(
                label=line.text,
                required=False,
                choices=[(line.ordinary, line.ordinary), (line.other, line.other)],
                widget=forms.RadioSelect,
            )
            self.fields[f"remark_{line.code}"] = forms.CharField(
                label=f"{line.text}：情况",
                required=False,
                max_length=300,
                widget=forms.Textarea(attrs={"rows": 2, "placeholder": "有异常的，写明情况"}),
            )

    @property
    def line_fields(self) -> list[tuple]:
        """Each line with its two fields."""
        return [(line, self[f"answer_{line.code}"], self[f"remark_{line.code}"]) for line in self.lines]

    @property
    def answers(self) -> dict[str, tuple[str, str]]:
        """What was answered; call after ``is_valid``."""
        said = self.cleaned_data
        return {
            line.code: (said.get(f"answer_{line.code}", ""), said.get(f"remark_{line.code}", "")) for line in self.lines
        }


class RecordingForm(ShowsProblems, Form):
    """Where the recording of a session lies."""

    place = forms.CharField(label="存放位置和保管人", max_length=160)
