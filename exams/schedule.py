"""When the jobs of this app run (see certification/jobs/scheduling.py)."""

SCHEDULE = [
    {
        "name": "批量材料归入",
        "task": "exams.take_in_materials",
        "crontab": "* * * * *",
        "description": "把批量上传后尚未处理的材料按文件名归入各申报；平时上传后立即开始，中断的由下一次补上。",
        "counts": {"attached": "已归入", "to_decide": "待人工指定", "refused": "不予接收"},
    },
]
