"""When something may leave the house for a person: quiet hours and the hour of the daily digest. Pure."""

from datetime import datetime, time, timedelta

from certification import clock
from certification.notices.models.preferences import Digest, Preference


def earliest(preference: Preference, now: datetime, *, urgent: bool) -> tuple[datetime, bool]:
    """The earliest moment from ``now`` on for a message to the person, and whether it waits for the digest.

    An urgent message that may break the quiet hours goes at once and alone.
    """
    if urgent and preference.urgent_breaks_quiet:
        return now, False
    if preference.digest == Digest.DAILY:
        return after_quiet(preference, _next_at(time(preference.digest_hour), now)), True
    return after_quiet(preference, now), False


def after_quiet(preference: Preference, moment: datetime) -> datetime:
    """``moment``, or the end of the quiet hours that it falls into. Their first minute is quiet, their last moment
    (``quiet_until`` itself) is not; equal ends mean no quiet hours."""
    start, end = preference.quiet_from, preference.quiet_until
    if start is None or end is None or start == end:
        return moment
    local = moment.astimezone(clock.SHANGHAI)
    at = local.time()
    quiet = start <= at < end if start < end else at >= start or at < end
    return _next_at(end, local) if quiet else moment


def _next_at(hour: time, moment: datetime) -> datetime:
    """The next moment from ``moment`` on (included) at which clocks in Asia/Shanghai show ``hour``."""
    local = moment.astimezone(clock.SHANGHAI)
    today = datetime.combine(local.date(), hour, tzinfo=clock.SHANGHAI)
    return today if today >= local else today + timedelta(days=1)
