"""后台任务: how each scheduled job stands, its last runs, and a run out of turn."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from certification import clock
from certification.jobs import overview
from certification.jobs.models import BeatLease, JobRun, Outcome
from certification.jobs.overview import Standing
from certification.organisations.access import may
from certification.paging import keyset_page
from certification.portal.running_jobs import RUN, run_now
from certification.portal.tones import Tone
from certification.refusals import Refusal

TONES = {
    Standing.LATE: Tone.REFUSED,
    Standing.FAILED: Tone.REFUSED,
    Standing.ABANDONED: Tone.ATTENTION,
    Standing.RUNNING: Tone.UNDERWAY,
    Standing.WAITING: Tone.WAITING,
    Standing.OFF: Tone.WAITING,
    Standing.NEVER: Tone.WAITING,
    Standing.WELL: Tone.DONE,
}
RUN_TONES = {
    Outcome.WAITING: Tone.WAITING,
    Outcome.RUNNING: Tone.UNDERWAY,
    Outcome.DONE: Tone.DONE,
    Outcome.FAILED: Tone.REFUSED,
    Outcome.ABANDONED: Tone.ATTENTION,
}


@require_safe
def job_list(request):
    """Every scheduled job: when it ran last, how long, what it did, when it comes next; whether beat is alive."""
    jobs = overview.jobs()
    context = {
        "jobs": [(job, TONES[job.standing], job.did(job.last) if job.last else "") for job in jobs],
        "troubles": [job for job in jobs if job.standing in overview.TROUBLE],
        "beat": BeatLease.alive(),
        "last_beat": BeatLease.objects.first(),
        "days_ahead": clock.offset().days,
        "late_after": settings.JOB_LATE_INTERVALS,
    }
    return render(request, "portal/jobs/list.html", context)


@require_safe
def job(request, name: str):
    """One job and its runs, the newest on top."""
    found = overview.find(name)
    if found is None:
        raise Http404
    now = timezone.now()
    began = JobRun.objects.filter(job=name, started_at__isnull=False).select_related("requested_by__person")
    page = keyset_page(request, began, ("-started_at", "-pk"))
    rows = [(run, Outcome(run.outcome_at(now)), found.did(run)) for run in page]
    context = {
        "job": found,
        "tone": TONES[found.standing],
        "page": page,
        "rows": [(run, outcome.label, RUN_TONES[outcome], did) for run, outcome, did in rows],
        "may_run": may(request.user, RUN) and found.current is None,
        "kept": f"保留最近 {settings.JOB_KEEP_DAYS} 天，无需处理的保留一天",
        "days_ahead": clock.offset().days,
    }
    return render(request, "portal/jobs/job.html", context)


@require_POST
def job_run(request, name: str):
    """立即运行."""
    try:
        run_now(actor=request.user, name=name)
        messages.success(request, "已登记执行，执行进程空闲后立即开始。刷新本页查看结果。")
    except Refusal as refusal:
        messages.warning(request, str(refusal))
    except LookupError:
        raise Http404 from None
    return redirect("portal:job", name)
