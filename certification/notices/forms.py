"""Forms of the settings, the texts and the group channels."""

from django import forms

from certification.forms import Form, ShowsProblems
from certification.notices.models.preferences import Digest
from certification.notices.texts import TITLE_LENGTH
from certification.organisations.models import Organisation

ADDRESS_HELP = "从群机器人的设置页面完整复制（企业微信、钉钉、飞书）。地址是密钥，保存后只显示末尾几位。"


class PreferenceForm(ShowsProblems, Form):
    """通知设置. The stored webhook address is never sent to the page: an empty field keeps it."""

    email_on = forms.BooleanField(label="发送电子邮件", required=False)
    email = forms.EmailField(label="电子邮箱", required=False)
    webhook_on = forms.BooleanField(label="发送到即时消息通道", required=False)
    webhook_address = forms.CharField(
        label="通道地址",
        required=False,
        max_length=500,
        help_text=ADDRESS_HELP,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    webhook_forget = forms.BooleanField(label="删除已保存的通道地址", required=False)
    digest = forms.ChoiceField(label="发送方式", choices=Digest.choices, widget=forms.RadioSelect)
    digest_hour = forms.TypedChoiceField(
        label="每日汇总的时间", coerce=int, choices=[(hour, f"{hour}:00") for hour in range(24)]
    )
    quiet_from = forms.TimeField(
        label="免打扰开始", required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    quiet_until = forms.TimeField(
        label="免打扰结束",
        required=False,
        help_text="免打扰时段内的邮件和即时消息在结束时发出；站内消息始终即时。两项都留空为不设。",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    urgent_breaks_quiet = forms.BooleanField(label="逾期提醒不受免打扰和汇总限制，立即发送", required=False)

    def __init__(self, *args, kept: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        if kept:
            self.fields["webhook_address"].help_text = f"已保存：{kept}。留空为不变。{ADDRESS_HELP}"
        else:
            del self.fields["webhook_forget"]

    def wishes(self) -> dict:
        """What ``save_preference`` takes."""
        found = dict(self.cleaned_data)
        forget, typed = found.pop("webhook_forget", False), found["webhook_address"].strip()
        found["webhook_address"] = "" if forget and not typed else typed or None
        return found


class TextForm(ShowsProblems, Form):
    """The text of one kind of reminder."""

    title = forms.CharField(label="标题", max_length=TITLE_LENGTH)
    body = forms.CharField(label="内容", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 6}))


class GroupChannelForm(Form):
    """A new channel of an organisation."""

    organisation = forms.ModelChoiceField(label="单位", queryset=Organisation.objects.none())
    name = forms.CharField(label="名称", max_length=40, help_text="例如“考务工作群”。")
    address = forms.CharField(
        label="通道地址",
        max_length=500,
        help_text=ADDRESS_HELP,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = Organisation.objects.filter(active=True)
