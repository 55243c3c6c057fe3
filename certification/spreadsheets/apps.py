from django.apps import AppConfig


class SpreadsheetsConfig(AppConfig):
    name = "certification.spreadsheets"
    verbose_name = "表格"
