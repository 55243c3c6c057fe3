"""Forms of the institution's exam applications."""

from django import forms

from certification.forms import Form
from certification.workdays.wording import plain_day
from exams.models import ExamSession, MaterialKind


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


class MaterialUpload(Form):
    """One paper of one application."""

    kind = forms.ChoiceField(label="材料")
    file = forms.FileField(label="文件", help_text="JPG、PNG 图片或 PDF。")

    def __init__(self, *args, kinds: tuple[MaterialKind, ...], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in kinds]


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files, at least one."""

    def clean(self, data, initial=None):
        files = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(file, initial) for file in files]


class ManyMaterialsUpload(Form):
    """Many files, told apart by their names."""

    kind = forms.ChoiceField(label="材料", required=False)
    files = FilesField(
        label="文件",
        widget=ManyFiles,
        help_text="可一次选择多个文件。文件名用姓名或证件号码，再写材料名称，例如“张三-身份证.jpg”；"
        "只上传一种材料时在上面选定，文件名可以只写“张三.jpg”。",
    )

    def __init__(self, *args, kinds: tuple[MaterialKind, ...], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", "按文件名"), *((kind.value, kind.label) for kind in kinds)]


class Reason(Form):
    """A reason, for what needs one."""

    reason = forms.CharField(label="原因", widget=forms.Textarea(attrs={"rows": 3}), max_length=500)


def _session_label(session: ExamSession, reached: set[int] | None) -> str:
    label = f"{session.number} {plain_day(session.starts_on)} {session.site}"
    return label if reached is None or session.pk in reached else f"{label}（申报时限已过，须逾期特批）"
