"""The code of a row's job type, kept beside the reference to it."""

from django.db import models


class JobTypeCodeField(models.CharField):
    """What tells a job type across editions of the catalogue: each edition has a row of its own for it, the code stays.

    Taken from ``job_type`` of the row whenever it is saved, so that constraints and indexes, which cannot look into
    another table, hold across editions. Who writes past ``save`` and ``bulk_create`` (COPY) gives it; a constraint
    of the table refuses a row without.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"max_length": 6, "editable": False, **kwargs})

    def pre_save(self, model_instance, add):
        """The code of the job type that the row names."""
        code = model_instance.job_type.code if add else getattr(model_instance, self.attname)
        setattr(model_instance, self.attname, code)
        return code
