from certification.deadlines.models.deadlines import Deadline

__all__ = ["Deadline"]
