"""补考名单: who failed or was absent, what each may still do."""

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_GET

from certification import clock
from certification.organisations.access import may
from certification.paging import keyset_page
from certification.records import accesses
from certification.spreadsheets.exporting import FORMS, export
from certification.workdays.wording import plain_day
from exams.scores import retakes

AT_MOST = 5_000


@require_GET
def retake_list(request):
    """One line for each application that did not pass, by its rule edition."""
    page = keyset_page(request, _rows(request), ("-pk",))
    context = {
        "page": page,
        "rows": retakes.of(page.rows, clock.today()),
        "session": request.GET.get("session", ""),
        "may_open": may(request.user, "exams.application.view"),
        "may_assign": may(request.user, "exams.pool.assign"),
    }
    return render(request, "exams/retakes.html", context)


@require_GET
def retake_export(request, form: str):
    """The same list as a file, identity numbers masked."""
    if form not in FORMS:
        raise Http404
    rows = retakes.of(list(_rows(request).order_by("-pk")[:AT_MOST]), clock.today())
    columns = ["申报编号", "姓名", "证件号码", "培训机构", "操作项目", "申请类型", "上次场次", "上次结果"]
    columns += ["规则版本", "已考／可考次数", "补考截止", "有效的合格科目", "须考科目", "情况"]
    accesses.take_out(
        request.user.organisation, actor=request.user, now=clock.now(), what="补考名单", persons=len(rows)
    )
    return export(form, columns, [_line(row) for row in rows], name="补考名单")


def _rows(request):
    rows = retakes.waiting(request.user)
    number = request.GET.get("session", "").strip()
    return rows.filter(candidates__session__number=number).distinct() if number else rows


def _line(row: retakes.Retake) -> list:
    application = row.application
    keeps = "、".join(f"{part.label}（至{plain_day(day)}）" for part, day in row.keeps)
    return [
        application.number,
        application.person.name,
        application.person.masked_number,
        application.institution.short_name,
        str(application.job_type),
        application.get_kind_display(),
        row.last.session.number,
        row.last.get_state_display(),
        str(application.rule_edition),
        "、".join(f"{what} {used}／{most}" for what, used, most in row.counts),
        row.until,
        keeps,
        "、".join(part.label for part in row.owes),
        row.standing,
    ]
