import atexit
import logging

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "certification.documents"
    verbose_name = "文书"

    def ready(self):
        from certification.documents import rendering

        # A line for every step of every page says nothing to whoever runs this.
        logging.getLogger("weasyprint.progress").setLevel(logging.WARNING)
        # WeasyPrint's font configuration cannot clean up after itself once the interpreter is going down.
        atexit.register(rendering.forget_typefaces)
