"""Why an upload is refused whole before anything of it is used."""

from certification.refusals import Refusal


class UnreadableFile(Refusal):
    """The file cannot be read as a spreadsheet. ``code`` says why:

    empty, too_large, old_format, password, macro, binary_workbook, wrong_type, damaged, bomb, external_link,
    entities, too_wide, too_long, too_many_cells, encoding, nul, no_sheet, no_header, no_rows, two_tables,
    duplicate_column, missing_columns.
    """

    code = "unreadable_file"
    clause = "文件接收要求"

    def __init__(self, message: str, *, code: str, advice: str = "请使用本系统下载的模板填写后重新上传。"):
        super().__init__(message, code=code, advice=advice)
