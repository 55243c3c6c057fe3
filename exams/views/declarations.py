"""承诺书文本: the texts that applicants sign, in their editions, and the forms of a class to print."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from certification import clock
from certification.documents.responses import pdf_response
from certification.forms import placed
from certification.organisations.access import may
from certification.portal import timeline
from certification.records import accesses
from certification.refusals import Incomplete, Refusal
from certification.selection import ticked
from exams.forms.materials import DeclarationForm
from exams.materials import attaching, declarations
from exams.models import DeclarationText
from exams.views.classes import class_page, own_plan
from exams.views.outcomes import NOTHING_CHOSEN


@require_safe
def declaration_list(request):
    """Every edition of every text, with the one that is signed today."""
    current = {text.pk for text in DeclarationText.objects.in_force(clock.today()).values()}
    texts = DeclarationText.objects.order_by("kind", "-in_force_from")
    lines = [(text, *_standing(text, current)) for text in texts]
    context = {"lines": lines, "may_keep": may(request.user, declarations.KEEP)}
    return render(request, "exams/declaration_list.html", context)


@require_safe
def declaration(request, pk: int):
    """One edition, as it is signed."""
    text = get_object_or_404(DeclarationText.objects.select_related("prepared_by__person"), pk=pk)
    current = {one.pk for one in DeclarationText.objects.in_force(clock.today()).values()}
    keeps = may(request.user, declarations.KEEP)
    word, tone = _standing(text, current)
    context = {
        "text": text,
        "word": word,
        "tone": tone,
        "may_change": keeps and text.in_force_from > clock.today(),
        "entries": timeline.entries(text) if keeps else [],
    }
    return render(request, "exams/declaration.html", context)


@require_http_methods(["GET", "POST"])
def declaration_create(request):
    """Add an edition."""
    form = DeclarationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = declarations.add_text(actor=request.user, **form.cleaned_data)
        except Incomplete as incomplete:
            form.show(incomplete.problems)
        else:
            messages.success(request, f"已登记{made}。")
            return redirect("exams:declaration", made.pk)
    return _form_page(request, form, "登记承诺书文本新版本")


@require_http_methods(["GET", "POST"])
def declaration_edit(request, pk: int):
    """Change an edition that is not in force yet."""
    text = get_object_or_404(DeclarationText, pk=pk)
    names = ("in_force_from", "title", "body", "source", "certainty")
    initial = {name: getattr(text, name) for name in names}
    form = DeclarationForm(request.POST or None, initial=initial, changing=True)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            declarations.change_text(actor=request.user, text_id=text.pk, **form.cleaned_data)
        except Refusal as found:
            refusal = placed(form, found)
        else:
            messages.success(request, f"已更改{text}。")
            return redirect("exams:declaration", text.pk)
    return _form_page(request, form, f"更改{text}", text=text, refusal=refusal)


@require_safe
def class_declarations(request, plan_id: int):
    """The texts for the ticked people of a class (or everybody), filled in, to print and sign."""
    plan = own_plan(request, plan_id)
    rows = attaching.of_class(request.user, plan.pk)
    if chosen := ticked(request.GET, "application"):
        rows = rows.filter(pk__in=chosen)
    applications = list(rows)
    if not applications:
        return class_page(request, plan, refusal=NOTHING_CHOSEN)
    content = declarations.forms_pdf(applications, clock.today())
    accesses.take_out(plan, actor=request.user, now=clock.now(), what="承诺书和同意书", persons=len(applications))
    return pdf_response(content, f"declarations-class-{plan.pk}.pdf")


def _standing(text: DeclarationText, current: set[int]) -> tuple[str, str]:
    """How an edition stands: word and tone."""
    if text.pk in current:
        return "现行", "done"
    return ("待启用", "underway") if text.in_force_from > clock.today() else ("已被替代", "waiting")


def _form_page(request, form, title: str, *, text=None, refusal=None):
    failed = bool(form.errors) or refusal is not None
    context = {"form": form, "title": title, "text": text, "refusal": refusal}
    return render(request, "exams/declaration_form.html", context, status=422 if failed else 200)
