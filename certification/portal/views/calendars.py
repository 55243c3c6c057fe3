"""工作日历维护: editions of years, entering a notice, correcting, and publishing after the preview."""

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from certification import clock
from certification.deadlines.calendars import entry, missing_notices, publishing
from certification.paging import PAGE_SIZE, Page
from certification.portal import timeline, year_calendar
from certification.portal.calendar_forms import FIRST_YEAR, LAST_YEAR, NoticeForm
from certification.portal.confirm import confirm_page
from certification.refusals import Refusal
from certification.workdays import calendars, comparing
from certification.workdays.arrangements import spans
from certification.workdays.models import CalendarEdition


@require_safe
def edition_list(request):
    """Every edition by year, the latest on top, and which years have none."""
    editions = list(CalendarEdition.objects.visible_to(request.user).order_by("-year", "-pk"))
    context = {"editions": editions, "missing": missing_notices.years_without_notice(clock.today())}
    return render(request, "portal/calendars/list.html", context)


@require_http_methods(["GET", "POST"])
def edition_create(request):
    """Enter a notice; ``?year=`` puts the year into the form."""
    if request.method == "POST":
        return _save(request, None)
    year = request.GET.get("year", "")
    known = year.isdecimal() and len(year) == 4 and FIRST_YEAR <= int(year) <= LAST_YEAR
    return _show_form(request, NoticeForm(initial={"year": int(year)} if known else {}), None)


@require_http_methods(["GET", "POST"])
def edition_edit(request, pk: int):
    """A draft as it was typed last."""
    edition = _edition(request, pk)
    if not edition.is_draft:
        messages.info(request, f"该日历{edition.get_status_display()}，不能修改；如有错误，请另立更正草稿。")
        return redirect("portal:calendar-edition", edition.pk)
    if request.method == "POST":
        return _save(request, edition)
    typed = {
        "year": edition.year,
        "text": entry.typed_of(edition),
        "title": edition.notice_title,
        "number": edition.notice_number,
        "dated_on": edition.notice_date,
    }
    return _show_form(request, NoticeForm(initial=typed), edition)


@require_safe
def edition(request, pk: int):
    """One edition: its head, its days as read, the year by months, and where an independent source differs."""
    edition = _edition(request, pk)
    calendar = calendars.with_edition(edition)
    months = year_calendar.months(edition.year, calendar)
    covered = comparing.covers(edition.year)
    context = {
        "edition": edition,
        "files": entry.notice_files(edition),
        "spans": spans(edition.days.values_list("date", "kind", "name")),
        "months": months,
        "today": clock.today(),
        "working_days": sum(month.working_days for month in months),
        "source": comparing.SOURCE,
        "covered": covered,
        "differences": comparing.differences(edition.year, calendar) if covered else [],
        "entries": timeline.entries(edition),
    }
    return render(request, "portal/calendars/edition.html", context)


@require_POST
def edition_correct(request, pk: int):
    """A draft made from the published edition, opened for changing."""
    edition = _edition(request, pk)
    try:
        draft = entry.correct(actor=request.user, edition_id=edition.pk)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("portal:calendar-edition", edition.pk)
    return redirect("portal:calendar-edition-edit", draft.pk)


@require_http_methods(["GET", "POST"])
def edition_discard(request, pk: int):
    """Give a draft up, after being asked."""
    edition = _edition(request, pk)
    shown = reverse("portal:calendar-edition", args=[edition.pk])
    refusal = None
    if request.method == "POST":
        try:
            entry.discard(actor=request.user, edition_id=edition.pk)
        except Refusal as refused:
            refusal = refused
        else:
            messages.success(request, f"草稿“{edition}”已作废。")
            return redirect("portal:calendar-editions")
    return confirm_page(
        request,
        title="作废草稿",
        sentence=f"作废{edition.year}年工作日历的草稿“{edition}”？",
        consequences=["草稿不能再修改或者发布，录入的内容留存备查。", "已发布的日历和所有时限不受影响。"],
        action_label="作废草稿",
        cancel_url=shown,
        subject=edition,
        refusal=refusal,
    )


@require_http_methods(["GET", "POST"])
def edition_publish(request, pk: int):
    """What publishing changes, page by page; then publishing exactly that."""
    edition = _edition(request, pk)
    if not edition.is_draft:
        messages.info(request, f"该日历{edition.get_status_display()}，没有重复发布。")
        return redirect("portal:calendar-edition", edition.pk)
    refusal = None
    if request.method == "POST":
        try:
            published = publishing.publish(
                actor=request.user, edition_id=edition.pk, fingerprint=request.POST.get("fingerprint", "")
            )
        except Refusal as refused:
            refusal = refused
        else:
            messages.success(request, _said(published))
            return redirect("portal:calendar-edition", edition.pk)
    preview = publishing.preview(edition, now=clock.now())
    context = {"edition": edition, "preview": preview, "page": _page(request, preview.lines), "refusal": refusal}
    return render(request, "portal/calendars/publish.html", context, status=422 if refusal else 200)


def _edition(request, pk: int) -> CalendarEdition:
    return get_object_or_404(CalendarEdition.objects.visible_to(request.user), pk=pk)


def _save(request, edition: CalendarEdition | None):
    form = NoticeForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show_form(request, form, edition)
    try:
        saved = entry.save_draft(
            actor=request.user,
            edition_id=edition.pk if edition else None,
            entry=form.entry,
            notice_file=form.notice_upload,
        )
    except Refusal as refusal:
        return _show_form(request, form, edition, refusal=refusal)
    messages.success(request, "已保存为草稿。请核对各月日历，再预览发布。")
    return redirect("portal:calendar-edition", saved.pk)


def _show_form(request, form: NoticeForm, edition: CalendarEdition | None, refusal: Refusal | None = None):
    context = {"form": form, "edition": edition, "refusal": refusal}
    refused = refusal is not None or bool(form.errors)
    return render(request, "portal/calendars/form.html", context, status=422 if refused else 200)


def _said(published: publishing.Published) -> str:
    moves = published.moves
    return (
        f"“{published.edition}”已发布：{moves.count} 项时限变动，{moves.late} 项因此逾期，"
        f"{moves.firm} 项由暂定转为正式，已通知 {published.notified} 个账号。"
    )


def _page(request, lines: list) -> Page:
    """One page of the preview's lines, which are computed and not rows of a table: ``?from=`` is the place of the
    first."""
    text = request.GET.get("from", "0")
    if not text.isdecimal() or len(text) > 9:
        raise BadRequest("页码无效")
    first = int(text)
    last = first + PAGE_SIZE
    return Page(
        lines[first:last],
        f"?from={max(first - PAGE_SIZE, 0)}" if first else "",
        f"?from={last}" if last < len(lines) else "",
    )
