"""Forms of the public pages."""

from django import forms

from certification.forms import Form
from certification.spreadsheets.cleaning import CellProblem, clean_digits, clean_name


class LookupForm(Form):
    """Who one is, and the answer to the challenge, which is asked anew each time. Name and number are read as the
    register reads them, so that however they are written they are one person, and one counter of failures."""

    name = forms.CharField(label="姓名", max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    document_number = forms.CharField(
        label="证件号码",
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
        help_text="报名时使用的身份证号码或者其他证件号码。",
    )
    answer = forms.CharField(
        label="验证", max_length=4, widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"})
    )

    def __init__(self, *args, question: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["answer"].help_text = f"请计算：{question}？填写阿拉伯数字。"

    def clean_name(self) -> str:
        return _read(clean_name, self.cleaned_data["name"])

    def clean_document_number(self) -> str:
        return _read(clean_digits, self.cleaned_data["document_number"])


def _read(clean, text: str) -> str:
    try:
        return clean(text)
    except CellProblem as problem:
        raise forms.ValidationError(f"{problem.message}{problem.advice}") from problem


class AgreeForm(Form):
    """Agreeing to be served on the public page."""

    agree = forms.BooleanField(
        label="本人同意以网上方式送达，并确认签收本决定书",
        error_messages={"required": "请勾选同意网上送达并签收；不同意的，请联系培训机构当面领取。"},
    )
