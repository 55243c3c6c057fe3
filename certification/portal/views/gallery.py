"""界面组件: every component with invented content, for administrators and for the automatic accessibility check."""

from datetime import timedelta
from types import SimpleNamespace

from django import forms
from django.shortcuts import render

from certification import clock
from certification.forms import Form
from certification.paging import Page
from certification.refusals import TooLate


class SampleForm(Form):
    """One field of each kind, for looking at."""

    name = forms.CharField(label="姓名", help_text="与身份证一致。")
    starts_on = forms.DateField(label="开班日期", widget=forms.DateInput(attrs={"type": "date"}))
    kind = forms.ChoiceField(label="类型", choices=[("1", "初训"), ("2", "复审"), ("3", "换证")])
    way = forms.ChoiceField(label="方式", choices=[("a", "线上"), ("b", "线下")], widget=forms.RadioSelect)
    remark = forms.CharField(label="备注", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    agreed = forms.BooleanField(label="以上内容属实")


def gallery(request):
    """The components as pages use them, a form with errors among them."""
    now = clock.now()
    form = SampleForm({"name": "", "starts_on": "2026-13-40", "kind": "1"})
    context = {
        "form": form,
        "tones": [
            ("waiting", "待受理"),
            ("underway", "审核中"),
            ("done", "已通过"),
            ("attention", "退回补正"),
            ("refused", "不予许可"),
        ],
        "steps": [
            {"label": "培训计划报备", "state": "done"},
            {"label": "学员名单", "state": "done"},
            {"label": "资格审核", "state": "current", "note": "市级初审"},
            {"label": "考试", "state": "todo"},
            {"label": "许可决定", "state": "todo"},
        ],
        "entries": [
            SimpleNamespace(at=now, title="退回补正", who="青岚市局 周敏", tone="attention", text="照片不清晰。"),
            SimpleNamespace(at=now - timedelta(days=1), title="提交报备", who="安培学校 李强", tone="done", text=""),
        ],
        "refusal": TooLate(
            "培训计划应在开班前 7 个工作日报备，今天报备的最早开班日期为 12月9日。",
            clause="方案三（一）",
            advice="请改选开班日期后再提交。",
        ),
        "files": [],
        "page": Page([], "?before=x", "?after=x"),
        "now": now,
    }
    return render(request, "portal/gallery.html", context)
