"""Makes the first account of an installation: everything else is entered by it in the administration."""

import getpass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from certification import clock
from certification.organisations.accounts import grant_role
from certification.organisations.models import Organisation, OrganisationKind, User
from certification.organisations.roles import Role
from certification.people.identity import check_identity_number
from certification.people.register import PersonData, find_or_register
from certification.records.history import acting_as
from certification.refusals import Refusal


class Command(BaseCommand):
    help = "建立省厅考试中心（如尚未建立）和首个系统管理员账号。密码从终端读入，或由 --password-from-stdin 读入。"

    def add_arguments(self, parser):
        parser.add_argument("username", help="用户名")
        parser.add_argument("--name", required=True, help="管理员姓名")
        parser.add_argument("--identity-number", required=True, help="管理员居民身份证号码")
        parser.add_argument("--centre", default="省应急管理厅考试中心", help="省厅考试中心名称，仅首次建立时使用")
        parser.add_argument("--password-from-stdin", action="store_true", help="从标准输入读取密码的第一行")

    def handle(self, *args, **options):
        password = self._password(options["password_from_stdin"])
        try:
            user = self._create(options, password)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"已建立系统管理员账号 {user.username}（{user}，{user.organisation}）。")

    @transaction.atomic
    def _create(self, options, password: str) -> User:
        now, system = clock.now(), User.objects.system()
        if User.objects.filter(username=options["username"]).exists():
            raise CommandError(f"用户名 {options['username']} 已存在。")
        identity = check_identity_number(options["identity_number"], today=now.date())
        with acting_as(system):
            registered = find_or_register(
                **vars(PersonData.from_identity(identity, name=options["name"])), now=now, actor=system
            )
            user = User.objects.create_user(
                options["username"],
                password=password,
                person=registered.person,
                organisation=_centre(options["centre"]),
                is_staff=True,
            )
        grant_role(actor=system, now=now, user=user, role=Role.ADMINISTRATOR)
        return user

    def _password(self, from_stdin: bool) -> str:
        password = input() if from_stdin else getpass.getpass("密码：")
        try:
            validate_password(password)
        except ValidationError as error:
            raise CommandError("".join(error.messages)) from error
        return password


def _centre(name: str) -> Organisation:
    """The provincial centre; there is exactly one, so that a second administrator joins the first."""
    found = Organisation.objects.filter(kind=OrganisationKind.PROVINCIAL_CENTRE).first()
    return found or Organisation.objects.create(
        kind=OrganisationKind.PROVINCIAL_CENTRE, name=name, short_name="省厅考试中心"
    )
