# The application in production shape; web, worker, beat and migrate are this one image with different commands.
# BASE may name a mirror inside the government network; it must be Debian 12 with Python 3.11.
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS packages
COPY requirements.lock .
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock

FROM ${BASE}
RUN apt-get update \
 && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin certification \
 && install -d -o certification -g certification -m 0750 /srv/files
COPY --from=packages /opt/venv /opt/venv
WORKDIR /srv/certification
COPY . .
# Whoever runs the application cannot change it: code and static files belong to root.
RUN DJANGO_SETTINGS_MODULE=certification.settings.embedded /opt/venv/bin/python manage.py collectstatic --no-input \
 && /opt/venv/bin/python -m compileall -q bin certification training exams approvals

ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    XDG_CACHE_HOME=/tmp/cache \
    DJANGO_SETTINGS_MODULE=certification.settings.production
USER certification
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["python", "-m", "bin.operations.probe", "web"]
CMD ["gunicorn", "certification.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "3", "--threads", "4", "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "--access-logfile", "-"]
