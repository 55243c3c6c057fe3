"""提醒文字: what reminders say, changed by administrators with a preview."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render

from certification.notices import texts
from certification.notices.forms import TextForm
from certification.notices.models import NoticeText
from certification.refusals import Incomplete

HISTORY_SHOWN = 20


def text_list(request):
    """Every text, whether it was changed, and those narrowed to one matter."""
    in_force = texts.Texts()
    changed = NoticeText.objects.filter(in_use=True).exclude(variant="").order_by("code", "variant")
    narrowed: dict[str, list[NoticeText]] = {}
    for row in changed:
        narrowed.setdefault(row.code, []).append(row)
    rows = []
    for kind in texts.kinds().values():
        names = kind.variants()
        own = [(row.variant, names.get(row.variant, row.variant)) for row in narrowed.get(kind.code, ())]
        rows.append((kind, in_force.of(kind.code), in_force.is_changed(kind.code), own))
    return render(request, "notices/texts.html", {"rows": rows})


def text(request, code: str, variant: str = ""):
    """Change one text: 预览 shows it filled with examples, 保存 puts it into force, 恢复 takes the shipped one."""
    kind = texts.kinds().get(code)
    if kind is None or (variant and variant not in kind.variants()):
        raise Http404("没有这一种提醒文字。")
    if request.method != "POST":
        return _page(request, kind, variant, _form(texts.Texts().of(code, variant)))
    if request.POST.get("do") == "reset":
        texts.reset_text(actor=request.user, code=code, variant=variant)
        messages.success(request, "已恢复系统自带的文字；修改过的文字留在历史中。")
        return redirect(request.path)
    form = TextForm(request.POST)
    problems = texts.problems_of(kind, form.data.get("title", ""), form.data.get("body", ""))
    if not form.is_valid() or problems:
        found = set(form.errors)
        for problem in problems:
            if problem.code != "invalid" or problem.field not in found:
                form.add_error(problem.field, problem.message)
        return _page(request, kind, variant, form, status=422)
    if request.POST.get("do") == "save":
        return _save(request, kind, variant, form)
    return _page(request, kind, variant, form)


def _save(request, kind: texts.Kind, variant: str, form: TextForm):
    try:
        texts.change_text(actor=request.user, code=kind.code, variant=variant, **form.cleaned_data)
    except Incomplete as refusal:
        form.show(refusal.problems)
        return _page(request, kind, variant, form, status=422)
    messages.success(request, "提醒文字已保存，以后的提醒按此发送。")
    return redirect(request.path)


def _page(request, kind: texts.Kind, variant: str, form: TextForm, status: int = 200):
    """The preview shows what is in the form, typed or stored."""
    shown = texts.Text(form["title"].value() or "", form["body"].value() or "")
    row = NoticeText.objects.filter(code=kind.code, variant=variant).first()
    names = kind.variants()
    context = {
        "kind": kind,
        "variant": variant,
        "variant_name": names.get(variant, ""),
        "variants": names.items(),
        "form": form,
        "preview": shown.filled(kind.sample),
        "changed": bool(row and row.in_use),
        "history": row.history.select_related("changed_by__person")[:HISTORY_SHOWN] if row else [],
    }
    return render(request, "notices/text.html", context, status=status)


def _form(in_force: texts.Text) -> TextForm:
    return TextForm(initial={"title": in_force.title, "body": in_force.body})
