"""Login, logout, password."""

from django.contrib import messages
from django.contrib.auth import views
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.urls import reverse_lazy

from certification.forms import NamesMissingFields
from certification.portal.demonstration_logins import demonstration_logins


class LoginForm(NamesMissingFields, AuthenticationForm):
    """Says in one sentence what to check; never whether the account exists."""

    error_messages = {
        "invalid_login": "用户名或密码不正确，请检查大小写后重试。连续多次输错会暂时锁定。",
        "inactive": "此账号已停用，请联系本单位负责人或系统管理员。",
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "用户名"
        self.fields["password"].label = "密码"


class Login(views.LoginView):
    """Where the demonstration runs, the page lists its logins."""

    template_name = "portal/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs):
        return super().get_context_data(demonstration=demonstration_logins(), **kwargs)


class Logout(views.LogoutView):
    """By POST only."""


class PasswordForm(NamesMissingFields, PasswordChangeForm):
    """Django's own."""


class ChangePassword(views.PasswordChangeView):
    """The account's own password."""

    template_name = "portal/password.html"
    form_class = PasswordForm
    success_url = reverse_lazy("portal:home")

    def form_valid(self, form):
        messages.success(self.request, "密码已修改，下次登录请使用新密码。")
        return super().form_valid(form)
