"""The form in which a notice is entered. What it says is judged by ``deadlines.calendars.entry``."""

from django import forms

from certification.deadlines.calendars.entry import Entry, Upload
from certification.forms import Form
from certification.workdays.models import CalendarEdition

# The decrees that are known to ``workdays.statutory``, and the lunar tables.
FIRST_YEAR, LAST_YEAR = 2014, 2100
_TEXT_LENGTH = 20_000
_TEXT_HELP = (
    "粘贴通知全文；或者一行一项的表格，首行为“日期，截止日期，类型，节日”，类型为“放假”或“调休上班”。"
    "日期中没有写年份的，按所填年份读取。"
)


def _head(name: str) -> int:
    return CalendarEdition._meta.get_field(name).max_length


class NoticeForm(Form):
    """Text or file, and the head where the text does not have it."""

    year = forms.IntegerField(label="年份", min_value=FIRST_YEAR, max_value=LAST_YEAR)
    text = forms.CharField(
        label="通知内容",
        required=False,
        max_length=_TEXT_LENGTH,
        help_text=_TEXT_HELP,
        widget=forms.Textarea(attrs={"rows": 16}),
    )
    table = forms.FileField(
        label="或者上传表格",
        required=False,
        help_text="csv 或 xlsx，列名同上。上传了表格的，以表格为准。",
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
    )
    title = forms.CharField(
        label="通知标题", required=False, max_length=_head("notice_title"), help_text="留空的，从通知内容中读取。"
    )
    number = forms.CharField(
        label="文号", required=False, max_length=_head("notice_number"), help_text="例如：国办发明电〔2025〕7号。"
    )
    dated_on = forms.DateField(
        label="通知日期",
        required=False,
        help_text="留空的，取通知落款日期。",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    notice_file = forms.FileField(
        label="通知附件",
        required=False,
        help_text="通知原件的 PDF 或图片，供核对。",
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
    )

    def clean(self) -> dict:
        """Either text or a table."""
        cleaned = super().clean()
        if not cleaned.get("text") and not cleaned.get("table") and "text" not in self.errors:
            self.add_error("text", "请粘贴通知内容，或者上传表格。")
        return cleaned

    @property
    def entry(self) -> Entry:
        """What was typed; call after ``is_valid``."""
        found = self.cleaned_data
        return Entry(
            year=found["year"],
            text=found["text"],
            title=found["title"],
            number=found["number"],
            dated_on=found["dated_on"],
            table=_upload(found["table"]),
        )

    @property
    def notice_upload(self) -> Upload | None:
        """The notice itself, if it was attached."""
        return _upload(self.cleaned_data["notice_file"])


def _upload(file) -> Upload | None:
    return Upload(file.read(), file.name) if file else None
