"""规则版本: comparing editions, preparing a draft, putting it into force."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from certification.deadlines.due import AREA
from certification.deadlines.models import Deadline
from certification.deadlines.rules import editions
from certification.deadlines.rules.words import value_name, value_words
from certification.forms import placed
from certification.organisations.access import may
from certification.portal import timeline
from certification.portal.confirm import confirm_page
from certification.portal.plan import wording
from certification.portal.rule_forms import ActivateForm, DeadlineRuleForm, DraftForm
from certification.refusals import Refusal
from certification.rulebook import drafting
from certification.rulebook.models import Rule, RuleEdition


@require_safe
def compare(request):
    """What changed from one edition to another: ``?old=`` and ``?new=`` their codes, by default the first and the
    last."""
    found = list(RuleEdition.objects.order_by("valid_from", "pk"))
    if not found:
        raise Http404
    old, new = _named(found, request.GET.get("old"), 0), _named(found, request.GET.get("new"), -1)
    context = {"editions": found, "old": old, "new": new, "areas": _areas(old, new)}
    return render(request, "portal/rules_compare.html", context)


@require_http_methods(["GET", "POST"])
def edition_create(request):
    """Draft an edition with every rule of the latest one."""
    form = DraftForm(request.POST or None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            edition = editions.draft_edition(actor=request.user, **form.cleaned_data)
        except Refusal as refused:
            refusal = placed(form, refused)
        else:
            messages.success(request, f"已起草“{edition}”，照录了全部规则。请逐条修改。")
            return redirect("portal:rule-edition", edition.pk)
    failed = refusal is not None or bool(form.errors)
    context = {"form": form, "refusal": refusal, "latest": editions.latest()}
    return render(request, "portal/rule_edition_form.html", context, status=422 if failed else 200)


@require_safe
def edition(request, pk: int):
    """One edition: what it changes, what it lacks, its deadline rules to edit, its history."""
    return _page(request, _edition(pk))


@require_POST
def edition_complete(request, pk: int):
    """Copy what a draft lacks."""
    edition = _edition(pk)
    try:
        added = editions.copy_missing(actor=request.user, edition_id=edition.pk)
    except Refusal as refusal:
        return _page(request, edition, refusal)
    messages.success(request, f"已照录 {len(added)} 条规则。")
    return redirect("portal:rule-edition", edition.pk)


@require_http_methods(["GET", "POST"])
def rule_edit(request, pk: int):
    """Change one deadline rule of a draft."""
    rule = get_object_or_404(Rule.objects.select_related("edition"), pk=pk, area=AREA)
    form = DeadlineRuleForm(request.POST or None, initial=DeadlineRuleForm.initial_of(rule))
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            editions.change_rule(actor=request.user, rule_id=rule.pk, texts=form.texts(), values=form.values(rule))
        except Refusal as refused:
            refusal = refused
        else:
            messages.success(request, f"“{rule.title}”已修改。")
            return redirect("portal:rule-edition", rule.edition_id)
    failed = refusal is not None or bool(form.errors)
    context = {"form": form, "rule": rule, "edition": rule.edition, "refusal": refusal}
    return render(request, "portal/rule_form.html", context, status=422 if failed else 200)


@require_http_methods(["GET", "POST"])
def edition_activate(request, pk: int):
    """Say what will happen, then put the draft into force from the day given."""
    edition = _edition(pk)
    if request.method == "GET" and (edition.active or editions.problems_of(edition)):
        return redirect("portal:rule-edition", edition.pk)
    form = ActivateForm(request.POST or None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            editions.activate_edition(actor=request.user, edition_id=edition.pk, **form.cleaned_data)
        except Refusal as refused:
            refusal = refused
        else:
            messages.success(request, f"“{edition}”已启用。")
            return redirect("portal:rule-edition", edition.pk)
    before = editions.latest()
    changes = drafting.difference(editions.rules_of(before), editions.rules_of(edition))
    kept = Deadline.objects.unmet().filter(rule__edition=before).count()
    return confirm_page(
        request,
        title="启用规则版本",
        sentence=f"启用“{edition}”，自施行日期起接替“{before}”，共 {len(changes)} 条规则有变化。启用后不能再改。",
        consequences=[
            f"未办结的 {kept} 项时限仍按“{before}”，截止日期不变。",
            *(f"{change.kind}：{change.rule.title}" for change in changes),
        ],
        action_label="启用",
        cancel_url=reverse("portal:rule-edition", args=[edition.pk]),
        form=form,
        refusal=refusal,
    )


def _named(found: list[RuleEdition], code: str | None, place: int) -> RuleEdition:
    edition = next((one for one in found if one.code == code), None) if code else found[place]
    if edition is None:
        raise Http404
    return edition


def _edition(pk: int) -> RuleEdition:
    return get_object_or_404(RuleEdition, pk=pk)


def _page(request, edition: RuleEdition, refusal: Refusal | None = None):
    before = None if edition.active else editions.latest()
    rules = editions.rules_of(edition)
    prepares = not edition.active and may(request.user, editions.PREPARE)
    problems = [] if edition.active else editions.problems_of(edition)
    context = {
        "edition": edition,
        "before": before,
        "areas": _areas(before, edition, left_out=False) if before else [],
        "problems": problems,
        "lacks": any(problem.code == "missing" for problem in problems),
        "deadline_rules": [rule for rule in rules if rule.area == AREA],
        "number": len(rules),
        "may_prepare": prepares,
        "may_activate": not edition.active and not problems and may(request.user, editions.ACTIVATE),
        "entries": timeline.entries(edition),
        "refusal": refusal,
    }
    return render(request, "portal/rule_edition.html", context, status=422 if refusal else 200)


def _areas(old: RuleEdition, new: RuleEdition, *, left_out: bool = True) -> list[tuple[str, list[dict]]]:
    """The changes by area, in words; a draft's page names elsewhere what it leaves out."""
    grouped: dict[str, list[dict]] = {}
    for change in drafting.difference(editions.rules_of(old), editions.rules_of(new)):
        if change.after is None and not left_out:
            continue
        area = wording.AREAS.get(change.rule.area, change.rule.area)
        grouped.setdefault(area, []).append({"change": change, "fields": [_field(one) for one in change.fields]})
    return list(grouped.items())


def _field(change: drafting.FieldChange) -> tuple[str, str, str]:
    return value_name(change.name), value_words(change.before), value_words(change.after)
