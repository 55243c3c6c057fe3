from certification.records.models.files import StoredFile
from certification.records.models.numbers import NumberSeries
from certification.records.models.transitions import TransitionLog

__all__ = ["NumberSeries", "StoredFile", "TransitionLog"]
