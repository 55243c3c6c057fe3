"""Forms of the institution's exam applications."""

from django import forms

from certification.forms import Form
from certification.workdays.wording import plain_day
from exams.models import ExamSession


class SessionChoice(Form):
    """Which announced session drafts apply for. It shares a form with other buttons, so that the browser must not
    insist on it. Sessions that are not among ``in_time`` say that they need a late admission."""

    use_required_attribute = False

    session = forms.ModelChoiceField(label="申报场次", queryset=ExamSession.objects.none(), empty_label="请选择场次")

    def __init__(self, *args, sessions, in_time=None, required: bool = True, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["session"].queryset = sessions
        self.fields["session"].required = required
        reached = None if in_time is None else {session.pk for session in in_time}
        self.fields["session"].label_from_instance = lambda session: _session_label(session, reached)


class Reason(Form):
    """A reason, for what needs one."""

    reason = forms.CharField(label="原因", widget=forms.Textarea(attrs={"rows": 3}), max_length=500)


def _session_label(session: ExamSession, reached: set[int] | None) -> str:
    label = f"{session.number} {plain_day(session.starts_on)} {session.site}"
    return label if reached is None or session.pk in reached else f"{label}（申报时限已过，须逾期特批）"
