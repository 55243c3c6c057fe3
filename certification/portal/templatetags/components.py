"""The components that all pages are made of: ``{% load components %}``.

Page::

    {% crumbs "培训计划" list_url plan.number %}                 pairs of label and address; the last one has none
    {% page_head plan.title what="培训计划" who=plan.institution state=plan deadline=deadline %}
      {% action "提交报备" submit_url kind="primary" %}           the one next action (inside: buttons, links)
    {% endpage_head %}
    {% section "学员名单" note="共 40 人" id="roster" %}…{% endsection %}
    {% note "attention" title="材料不全" %}…{% endnote %}         tones: waiting underway done attention refused
    {% refusal_note refusal %}                                   a typed Refusal: what, clause, what to do now
    {% empty_state "还没有培训计划。" %}<a …>新建</a>{% endempty_state %}
    {% confirm … %}                                              see certification.portal.confirm.confirm_page

State and facts::

    {% state_badge plan %}  {% state_badge plan "result" %}      label from get_<field>_display, tone from portal.tones
    {% badge "待办" "waiting" %}
    {% facts %}{% fact "培训机构" plan.institution %}{% factblock "场地" %}<a …>…</a>{% endfactblock %}{% endfacts %}
    {% steps progress %}      items with .label, .state ("done" "current" "todo" "stopped") and optionally .note
    {% timeline entries %}    items with .at, .title, and optionally .who, .text, .tone
    {% told record %}         who was told what (certification.notices.told), folded; nothing where nobody was
    {% file_list files %}     StoredFile rows, each linked to its checked download
    {% icon "done" %}         a symbol of static/icons.svg

Lists::

    {% table "培训计划列表" rows_open=True %}<thead>…</thead><tbody>…<a class="opens" …>…{% endtable %}
    {% pagination page %}     a Page of certification.paging.keyset_page

Forms::

    <form method="post">{% csrf_token %}
      {% form_summary form refusal=refusal %}                    errors on top, each linked to its field; also formsets
      {% form_row form.starts_on %}                              label above, help below, error at the field
      {% form_rows form %}                                       every visible field, hidden ones included
      {% action "保存" kind="primary" %}                          without an address: the form's own submit button
    </form>
    {% action "受理" url method="post" %}                         a button with a form of its own
    {% action "撤回" url kind="danger" %}                         a link that looks like a button

Filters: ``cn_date`` 11月27日 周五 (with the year where it is not this one), ``cn_datetime`` 11月27日 周五 09:30,
``mask_id``, ``number`` 12,345 (None shows as —, zero as 0), ``file_size``.
"""

from datetime import date, datetime
from functools import lru_cache

from django import template
from django.contrib.staticfiles.storage import staticfiles_storage
from django.forms import CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from certification import clock
from certification.deadlines.templatetags.deadlines import time_left
from certification.people.models import mask
from certification.portal.tones import Tone, tone_of
from certification.refusals import Incomplete, Refusal

register = template.Library()

WEEKDAYS = "一二三四五六日"
NOTHING = "—"


@register.simple_tag
def icon(name: str) -> SafeString:
    """A decorative symbol; the word beside it carries the meaning."""
    return _symbol(staticfiles_storage.url("icons.svg"), name)


@lru_cache(maxsize=256)
def _symbol(sprite: str, name: str) -> SafeString:
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>', sprite, name
    )


@register.simple_tag
def badge(label: str, tone: str = Tone.WAITING) -> SafeString:
    """A state as word, shape and colour."""
    return format_html('<span class="badge tone-{}">{}{}</span>', Tone(tone), icon(Tone(tone)), label)


@register.simple_tag
def state_badge(row, field: str = "state") -> SafeString:
    """The state of ``row`` with its own label."""
    return badge(getattr(row, f"get_{field}_display")(), tone_of(row, field))


@register.simple_block_tag
def page_head(content, title, what="", who="", state=None, deadline=None) -> str:
    """What, who, state, time left, and (as content) the one next action."""
    return render_to_string(
        "components/page_head.html",
        {
            "title": title,
            "what": what,
            "who": who,
            "state": state,
            "time_left": time_left(deadline) if deadline else "",
            "actions": _trimmed(content),
        },
    )


def _trimmed(content: SafeString) -> SafeString:
    """The same markup without white space around it, so that an empty block counts as empty."""
    return mark_safe(content.strip())


@register.simple_tag
def crumbs(*parts) -> str:
    """``label, address`` pairs from the outside in; an odd last label is the page itself."""
    pairs = [(parts[i], parts[i + 1] if i + 1 < len(parts) else "") for i in range(0, len(parts), 2)]
    return render_to_string("components/crumbs.html", {"crumbs": pairs})


@register.simple_block_tag
def section(content, title, note="", id="") -> str:
    """A titled part of a page."""
    return render_to_string("components/section.html", {"title": title, "note": note, "id": id, "content": content})


@register.simple_block_tag
def note(content, tone=Tone.UNDERWAY, title="") -> str:
    """A boxed remark."""
    return render_to_string("components/note.html", {"tone": Tone(tone), "title": title, "content": content})


@register.simple_tag
def refusal_note(refusal: Refusal | None) -> str:
    """Why something was refused, by which clause, what to do now; nothing where there is no refusal."""
    if refusal is None:
        return ""
    problems = refusal.problems if isinstance(refusal, Incomplete) else []
    return render_to_string("components/refusal.html", {"refusal": refusal, "problems": problems})


@register.simple_block_tag
def empty_state(content, why) -> str:
    """Why a list is empty, and (as content) what to do."""
    return render_to_string("components/empty_state.html", {"why": why, "content": _trimmed(content)})


@register.simple_block_tag
def facts(content) -> SafeString:
    """A definition list around ``fact`` and ``factblock``."""
    return format_html('<dl class="facts">{}</dl>', content)


@register.simple_tag
def fact(label: str, value) -> SafeString:
    """One term and its value; what is not known shows as a dash, zero as 0."""
    return format_html("<div><dt>{}</dt><dd>{}</dd></div>", label, NOTHING if value in (None, "") else value)


@register.simple_block_tag
def factblock(content, label) -> SafeString:
    """One term whose value is markup."""
    return format_html("<div><dt>{}</dt><dd>{}</dd></div>", label, content)


@register.simple_block_tag
def table(content, caption, rows_open=False) -> str:
    """A table that scrolls inside itself; ``rows_open`` makes the link of class "opens" answer for the whole row."""
    return render_to_string("components/table.html", {"caption": caption, "rows_open": rows_open, "content": content})


@register.simple_tag
def pagination(page) -> str:
    """上一页 / 下一页 of a keyset page; nothing where there is only one."""
    return render_to_string("components/pagination.html", {"page": page})


@register.simple_tag
def steps(items) -> str:
    """How far a case is."""
    return render_to_string("components/steps.html", {"steps": items})


@register.simple_tag
def timeline(entries) -> str:
    """What happened to a case."""
    return render_to_string("components/timeline.html", {"entries": entries})


@register.simple_tag
def told(record) -> str:
    """Who was told what about a case, and when it was read."""
    return render_to_string("components/told.html", {"record": record}) if record.entries else ""


@register.simple_tag
def file_list(files) -> str:
    """Stored files with their sizes, linked."""
    return render_to_string("components/file_list.html", {"files": files})


@register.simple_tag(takes_context=True)
def action(context, label, url="", kind="", method="get", name="", value="", icon="") -> str:
    """A link, a posting button (``method="post"``), or (without ``url``) the submit button of the form around it."""
    return render_to_string(
        "components/action.html",
        {
            "label": label,
            "url": url,
            "kind": kind,
            "method": method,
            "name": name,
            "value": value,
            "icon": icon,
            "csrf_token": context.get("csrf_token"),
        },
    )


@register.simple_tag
def form_summary(form, refusal=None) -> str:
    """All errors of a form or formset on top, each linked to its field, and the refusal of the activity."""
    forms = list(form) if hasattr(form, "management_form") else [form]
    errors = [_summary_line(one, name, error) for one in forms for name, list_ in one.errors.items() for error in list_]
    if hasattr(form, "management_form"):
        errors += [{"field": "", "label": "", "message": error} for error in form.non_form_errors()]
    return render_to_string("components/form_summary.html", {"errors": errors, "refusal": refusal})


def _summary_line(form, name: str, message: str) -> dict:
    if name == "__all__":
        return {"field": "", "label": "", "message": message}
    field = form[name]
    return {"field": _first_control(field), "label": field.label, "message": message}


def _first_control(field) -> str:
    """The id of the control that a click on the summary should reach: choices number theirs."""
    return f"{field.auto_id}_0" if _is_choice_group(field) else field.id_for_label


@register.simple_tag
def form_row(field) -> str:
    """One field: label above, control, help below, error at the field."""
    described = [f"{field.auto_id}_helptext"] if field.help_text else []
    if field.errors:
        described.append(f"{field.auto_id}_error")
    attributes = {"aria-describedby": " ".join(described)} if described else {}
    if field.errors:
        attributes["aria-invalid"] = "true"
    return render_to_string(
        "components/form_row.html",
        {
            "field": field,
            "control": field.as_widget(attrs=attributes),
            "is_check": isinstance(field.field.widget, CheckboxInput),
            "is_group": _is_choice_group(field),
        },
    )


def _is_choice_group(field) -> bool:
    return isinstance(field.field.widget, RadioSelect | CheckboxSelectMultiple)


@register.simple_tag
def form_rows(form) -> str:
    """Every field of a form, hidden ones included."""
    return render_to_string("components/form_rows.html", {"form": form})


@register.filter
def cn_date(day: date | datetime | None) -> str:
    """11月27日 周五; with the year in front where it is not this one."""
    if not day:
        return NOTHING
    if isinstance(day, datetime):
        day = timezone.localtime(day, clock.SHANGHAI).date()
    year = "" if day.year == clock.today().year else f"{day.year}年"
    return f"{year}{day.month}月{day.day}日 周{WEEKDAYS[day.weekday()]}"


@register.filter
def cn_datetime(moment: datetime | None) -> str:
    """11月27日 周五 09:30, Asia/Shanghai."""
    if not moment:
        return NOTHING
    local = timezone.localtime(moment, clock.SHANGHAI)
    return f"{cn_date(local.date())} {local:%H:%M}"


@register.filter
def mask_id(number_: str | None) -> str:
    """An identity number as lists show it."""
    return mask(number_) if number_ else NOTHING


@register.filter
def number(value) -> str:
    """12,345; zero is a value, None is a dash."""
    return NOTHING if value is None or value == "" else f"{value:,}"


@register.filter
def file_size(size: int) -> str:
    """Bytes as KB or MB."""
    return f"{size / 1024 / 1024:.1f} MB" if size >= 1024 * 1024 else f"{max(size // 1024, 1)} KB"


@register.filter
def download_url(stored) -> str:
    """The checked download of a stored file."""
    return reverse("records:file", args=[stored.uuid])
