from certification.notices.models.channels import GroupChannel
from certification.notices.models.deliveries import Delivery
from certification.notices.models.notices import Notice
from certification.notices.models.preferences import Preference
from certification.notices.models.subjects import NoticeSubject
from certification.notices.models.texts import NoticeText

__all__ = ["Delivery", "GroupChannel", "Notice", "NoticeSubject", "NoticeText", "Preference"]
