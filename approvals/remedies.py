"""The remedies against a decision (救济途径): administrative review and action, in every letter that decides against
somebody (行政复议法第二十条, 行政诉讼法第四十六条); the sentence itself is ``letters/_remedies.html``."""

from datetime import date

from django.conf import settings

from certification.rulebook import lookup


def remedies(day: date) -> dict:
    """What the sentence reads, for a decision of ``day`` (rule ``remedies`` of the edition in force then)."""
    return {
        "remedies": lookup.values("certificate", "remedies", lookup.edition_on(day)),
        "reconsideration_authority": settings.RECONSIDERATION_AUTHORITY,
        "reconsideration_channel": settings.RECONSIDERATION_CHANNEL,
        "court": settings.COURT,
    }
