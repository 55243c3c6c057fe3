"""The WSGI entry point."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "certification.settings.production")

application = get_wsgi_application()

# What is loaded by now stays: the collector need not look at half a million objects again in the middle of a request.
gc.collect()
gc.freeze()
