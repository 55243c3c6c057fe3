"""The register of certificates."""

from functools import partial

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from approvals.certificates import electronic, extending, long_service
from approvals.certificates.registers import certificates_visible_to
from approvals.forms.certificates import CertificateFilter, ExtendForm, LongServiceForm
from approvals.models import CardRequest, Decision, EndingCase, LongService
from certification import clock
from certification.catalogue.models import Category
from certification.organisations.access import may
from certification.paging import keyset_page
from certification.people.models import CertificateState
from certification.portal import timeline
from certification.portal.confirm import confirm_and_act
from certification.records import evidence
from certification.refusals import Refusal
from certification.workdays.wording import full_day


@require_safe
def certificates(request):
    """Certificates within this person's reach, the newest first."""
    form = CertificateFilter(request.GET or None)
    rows = form.apply(certificates_visible_to(request.user)).select_related("person", "job_type__group")
    page = keyset_page(request, rows, ("-pk",))
    return render(
        request,
        "approvals/certificates/list.html",
        {"form": form, "page": page, "sees_imports": may(request.user, "approvals.view_register_imports")},
    )


@require_safe
def certificate(request, pk: int):
    """One certificate: its dates, where it comes from, the decisions and cards about it, how to fetch it."""
    rows = certificates_visible_to(request.user).select_related(
        "person", "job_type__group", "replaces", "register_import"
    )
    found = get_object_or_404(rows, pk=pk)
    decisions = Decision.objects.visible_to(request.user).filter(certificate=found)
    cards = CardRequest.objects.visible_to(request.user).filter(certificate=found).select_related("window")
    endings = EndingCase.objects.visible_to(request.user).filter(certificate=found)
    context = {
        "certificate": found,
        "person": found.person,
        "following": getattr(found, "replaced_by", None),
        "decisions": decisions.select_related("applicant__batch", "letter").order_by("-decided_at", "-pk"),
        "cards": cards.order_by("-requested_at", "-pk"),
        "endings": endings.order_by("-pk") if may(request.user, "approvals.view_endings") else [],
        "guide": electronic.guide(clock.today()),
        "any_window": found.job_type.group.category == Category.ONE,
        "entries": timeline.entries(found),
        "may_extend": may(request.user, extending.EXTEND) and extending.extendable(found, clock.today()),
        "may_put_off": may(request.user, extending.EXTEND) and long_service.why_not(found, clock.today()) is None,
        "put_off": getattr(found, "long_service", None),
        "statements": _statements(request.user, found),
        "may_end": found.state == CertificateState.VALID and may(request.user, "approvals.propose_endings"),
        "sees_imports": may(request.user, "approvals.view_register_imports"),
        "sees_person": may(request.user, "approvals.view_persons"),
    }
    return render(request, "approvals/certificates/detail.html", context)


@require_http_methods(["GET", "POST"])
def put_off_review(request, pk: int):
    """Agree that the certificate is not reviewed before it ends: its holder worked in the trade for years."""
    found = get_object_or_404(certificates_visible_to(request.user).select_related("person", "job_type__group"), pk=pk)
    back = reverse("approvals:certificate", args=[found.pk])
    if request.method == "GET" and (refusal := long_service.why_not(found, clock.today())):
        messages.info(request, str(refusal))
        return redirect(back)
    years = long_service.years_needed(clock.today())
    form = LongServiceForm(request.POST or None, request.FILES or None)
    return confirm_and_act(
        request,
        partial(long_service.agree, actor=request.user, certificate_id=found.pk),
        done=f"{found.person}的操作证在有效期内不再复审。",
        title="延长复审周期",
        sentence=f"{found.person}（{found.person.masked_number}）的{found.job_type}操作证，"
        f"有效期至{full_day(found.valid_until)}，有效期内不再复审。",
        consequences=[
            f"至应复审日期须连续从事本工种满 {years} 年、没有违章（{long_service.CLAUSE}）。",
            "只对本证有效；换证后重新计算复审日期。",
        ],
        action_label="同意",
        cancel_url=back,
        subject=found.person,
        form=form,
        danger=False,
    )


def _statements(user, found) -> list:
    """The papers by which the review was put off, for whoever may see them."""
    rows = LongService.objects.visible_to(user).filter(certificate=found).values_list("pk", flat=True)
    return [file for files in evidence.kept(LongService, rows).values() for file in files] if rows else []


@require_http_methods(["GET", "POST"])
def extend(request, pk: int):
    """Say to which day the certificate is extended and why that far, then extend it."""
    rows = certificates_visible_to(request.user).select_related("person", "job_type__group")
    found = get_object_or_404(rows, pk=pk)
    back = reverse("approvals:certificate", args=[found.pk])
    try:
        extension = extending.foreseen(found, clock.today())
    except Refusal as refusal:
        messages.info(request, str(refusal))
        return redirect(back)
    delay = f"，含自愿延迟 {extension.delay_months} 个月" if extension.delay_months else ""
    return confirm_and_act(
        request,
        partial(extending.extend, actor=request.user, certificate_id=found.pk),
        done=lambda made: f"{made.person}的操作证有效期已延长至{full_day(made.valid_until)}。",
        title="延长有效期",
        sentence=f"{found.person}（{found.person.masked_number}）的{found.job_type}操作证，"
        f"有效期由{full_day(found.valid_until)}延长至{full_day(extension.period.valid_until)}。",
        consequences=[
            f"现行法定退休日期为{full_day(extension.retires)}{delay}；有效期最长不超过核发时的完整期限。",
            "已领取实体证书的，有效期变更后由本人到窗口换领。",
        ],
        action_label="延长",
        cancel_url=back,
        subject=found.person,
        form=ExtendForm(request.POST or None),
        danger=False,
    )
