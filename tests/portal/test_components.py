"""Components: what they show, and that they escape what was typed."""

from datetime import date, datetime

import pytest
import time_machine
from django import forms
from django.template import Context, Template

from certification.clock import SHANGHAI
from certification.portal import tones
from certification.portal.templatetags import components
from certification.refusals import Incomplete, Problem, TooLate

pytestmark = pytest.mark.django_db


def render(source: str, **context) -> str:
    return Template("{% load components %}" + source).render(Context(context))


@time_machine.travel(datetime(2026, 11, 2, 9, tzinfo=SHANGHAI))
def test_dates_name_the_weekday_and_a_year_only_where_it_is_not_this_one():
    assert components.cn_date(date(2026, 11, 27)) == "11月27日 周五"
    assert components.cn_date(date(2027, 1, 1)) == "2027年1月1日 周五"
    assert components.cn_date(None) == "—"
    moment = datetime.fromisoformat("2026-11-26T16:30:00+00:00")
    assert components.cn_date(moment) == "11月27日 周五", "a moment is shown in Shanghai's day"
    assert components.cn_datetime(moment) == "11月27日 周五 00:30"


def test_zero_is_a_value_and_nothing_is_a_dash():
    assert components.number(0) == "0"
    assert components.number(12345) == "12,345"
    assert components.number(None) == "—"
    assert "<dd>0</dd>" in render('{% facts %}{% fact "人数" 0 %}{% endfacts %}')
    assert "<dd>—</dd>" in render('{% facts %}{% fact "备注" "" %}{% endfacts %}')


def test_identity_numbers_are_masked():
    assert components.mask_id("110101199003070011") == "110101 **** **** **11"


def test_a_state_has_word_shape_and_colour(world, monkeypatch):
    from certification.workdays.models import CalendarEdition

    monkeypatch.setattr(tones, "_TONES", {})
    tones.register("workdays.CalendarEdition", {"PUBLISHED": "done"}, field="status")
    html = render('{% state_badge edition "status" %}', edition=CalendarEdition(status="PUBLISHED"))
    assert "tone-done" in html
    assert "icons.svg#done" in html
    assert "已发布" in html


def test_the_page_head_keeps_its_action_as_markup_and_escapes_the_title():
    html = render(
        '{% page_head title %}{% action "新建" "/new/" kind="primary" %}{% endpage_head %}', title="<b>甲</b>"
    )
    assert '<a class="button button-primary" href="/new/">新建</a>' in html
    assert "&lt;b&gt;甲" in html


def test_crumbs_link_all_but_the_last():
    html = render('{% crumbs "培训计划" "/plans/" "云培报〔2026〕1号" %}')
    assert '<a href="/plans/">培训计划</a>' in html
    assert '<span aria-current="page">云培报〔2026〕1号</span>' in html


def test_a_posting_action_carries_the_token():
    html = render('{% action "受理" "/accept/" method="post" %}', csrf_token="t0ken")
    assert '<form method="post" action="/accept/">' in html
    assert "t0ken" in html


class _Form(forms.Form):
    name = forms.CharField(label="姓名", help_text="与身份证一致。")
    way = forms.ChoiceField(label="方式", choices=[("a", "线上")], widget=forms.RadioSelect)
    remark = forms.CharField(label="备注", required=False)


def test_errors_stand_at_the_field_and_in_a_linked_summary():
    form = _Form({"name": "", "remark": "<i>写下的话</i>"})
    html = render("{% form_summary form %}{% form_rows form %}", form=form)
    assert '<a href="#id_name">姓名：' in html
    assert '<a href="#id_way_0">方式：' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert "&lt;i&gt;写下的话&lt;/i&gt;" in html, "what was typed is kept, and escaped"
    assert "（选填）" in html


def test_a_refusal_says_what_by_which_clause_and_what_to_do():
    html = render("{% refusal_note r %}", r=TooLate("已过期限。", clause="方案三（一）", advice="请改选开班日期。"))
    assert [part in html for part in ("已过期限。", "方案三（一）", "请改选开班日期。")] == [True] * 3
    assert render("{% refusal_note r %}", r=None).strip() == ""


def test_every_problem_is_listed():
    problems = [Problem("校验位不符。", row=3, column="身份证号码"), Problem("年龄不足。", row=9, column="出生日期")]
    html = render("{% refusal_note r %}", r=Incomplete(problems))
    assert "共 2 处问题" in html
    assert "第 9 行“出生日期”：年龄不足。" in html


def test_the_gallery_shows_every_component(client_of):
    assert client_of("guanli").get("/components/").status_code == 200
