"""E-mail through Django's backend: any SMTP server, by the settings EMAIL_*."""

import smtplib

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from certification.notices.channels.failure import ChannelFailure
from certification.notices.channels.outgoing import Outgoing

_REFUSED_FOR_GOOD = range(500, 600)


def missing() -> str:
    """Why no e-mail can be sent from here; "" where a server is set."""
    return "" if settings.EMAIL_HOST else "系统未配置邮件服务器"


class Mailbox:
    """One connection for the messages of a run: ``with Mailbox() as mailbox: mailbox.send(address, outgoing)``."""

    def __init__(self):
        self._connection = None

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        self._close()

    def send(self, address: str, outgoing: Outgoing) -> None:
        """Hand the message to the server; raises ChannelFailure where the server did not take it."""
        if reason := missing():
            raise ChannelFailure(reason)
        # A line break in a subject would be a header of its own.
        subject = " ".join(f"{settings.EMAIL_SUBJECT_PREFIX}{outgoing.title}".split())
        message = EmailMessage(subject, outgoing.text, settings.DEFAULT_FROM_EMAIL, [address])
        try:
            self._connection = self._connection or get_connection()
            self._connection.send_messages([message])
        except (smtplib.SMTPException, OSError) as problem:
            self._close()
            raise ChannelFailure(_said(problem), permanent=_is_permanent(problem)) from problem

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _is_permanent(problem: Exception) -> bool:
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        return all(code in _REFUSED_FOR_GOOD for code, _text in problem.recipients.values())
    return isinstance(problem, smtplib.SMTPDataError) and problem.smtp_code in _REFUSED_FOR_GOOD


def _said(problem: Exception) -> str:
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        return "邮件服务器不接收该地址：" + "；".join(_plain(answer) for answer in problem.recipients.values())
    if isinstance(problem, smtplib.SMTPResponseException):
        return f"邮件服务器答复：{_plain((problem.smtp_code, problem.smtp_error))}"
    return f"无法连接邮件服务器（{type(problem).__name__}）"


def _plain(answer: tuple[int, bytes | str]) -> str:
    code, text = answer
    return f"{code} {text.decode('utf-8', 'replace') if isinstance(text, bytes) else text}"
