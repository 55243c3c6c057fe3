"""Accounts, and the two servers that messages reach: a real SMTP server and a real web server, on free ports."""

import json
import socketserver
import threading
from datetime import date, datetime
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from certification.clock import SHANGHAI
from certification.notices.models import Preference
from certification.organisations.models import Organisation, OrganisationKind, RoleAssignment, User
from certification.organisations.roles import Role

NOW = datetime(2026, 4, 20, 10, 0, tzinfo=SHANGHAI)


@pytest.fixture
def centre(db) -> Organisation:
    return Organisation.objects.create(
        kind=OrganisationKind.PROVINCIAL_CENTRE, name="省厅考试中心", short_name="省考试中心"
    )


@pytest.fixture
def person(centre):
    """Makes an account; keyword arguments are its wishes."""

    def make(username: str = "shen", role: Role = Role.PROVINCIAL_REVIEWER, **wishes) -> User:
        user = User.objects.create(username=username, organisation=centre)
        RoleAssignment.objects.create(user=user, role=role, valid_from=date(2023, 4, 1), granted_by=user)
        if wishes:
            Preference.objects.create(user=user, **{"quiet_from": None, "quiet_until": None, **wishes})
        return user

    return make


class Smtp(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as a client needs; ``server.answers`` maps a verb to another answer."""

    def handle(self):
        self._say("220 test")
        while line := self.rfile.readline():
            verb = line.split()[0].decode().upper() if line.split() else ""
            answer = self.server.answers.get(verb)
            if verb == "QUIT":
                self._say("221 bye")
                return
            if answer:
                self._say(answer)
            elif verb == "DATA":
                self._say("354 go on")
                self._receive()
            else:
                self._say("250 ok")

    def _receive(self):
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        self.server.messages.append(message_from_bytes(b"".join(lines), policy=policy.default))
        self._say("250 taken")

    def _say(self, text: str):
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def smtp(settings):
    with _serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Smtp)) as server:
        server.messages, server.answers = [], {}
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        settings.EMAIL_TIMEOUT = 5
        settings.SITE_URL = "https://certification.example"
        yield server


class Hook(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, json.loads(body)))
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_address[1]}/elsewhere")
        self.end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture
def hook(settings):
    with _serving(ThreadingHTTPServer(("127.0.0.1", 0), Hook)) as server:
        server.received, server.status = [], 200
        port = server.server_address[1]
        server.address = f"json://127.0.0.1:{port}/secret-path-12345"
        settings.NOTICE_WEBHOOK_HOSTS = [f"127.0.0.1:{port}"]
        settings.SITE_URL = "https://certification.example"
        yield server


class _serving:
    def __init__(self, server):
        server.daemon_threads = True
        self._server = server

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self._server

    def __exit__(self, *problem):
        self._server.shutdown()
        self._server.server_close()
