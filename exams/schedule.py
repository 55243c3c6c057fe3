"""When the jobs of this app run (see certification/jobs/scheduling.py)."""

SCHEDULE = [
    {
        "name": "批量材料归入",
        "task": "exams.take_in_materials",
        "crontab": "* * * * *",
        "description": "把批量上传后尚未处理的材料按文件名归入各申报；平时上传后立即开始，中断的由下一次补上。",
        "counts": {"attached": "已归入", "to_decide": "待人工指定", "refused": "不予接收"},
    },
    {
        "name": "未归入的材料到期删除",
        "task": "exams.give_up_undecided_materials",
        "crontab": "50 3 * * *",
        "description": "批量上传后一直没有归入申报的文件，到期前提醒培训机构，到期后删除（规则 materials.undecided）；"
        "文件名留在上传清单中。",
        "counts": {"warned": "提醒", "given_up": "删除文件"},
    },
    {
        "name": "考场记录归档",
        "task": "exams.archive_room_records",
        "crontab": "5-59/10 * * * *",
        "description": "全部签名的考场记录制成文件留存，归入场次档案；漏跑的由下一次补上。",
        "counts": {"kept": "归档"},
    },
    {
        "name": "考试录像保存期提醒",
        "task": "exams.remind_recordings",
        "crontab": "20 7 * * *",
        "description": "考试录像的保存期将满时，提前提醒考试组织单位（规则 results.recording）；系统不删除录像。",
        "counts": {"told": "提醒"},
    },
    {
        "name": "考试计划核定人数",
        "task": "exams.follow_up_plans",
        "crontab": "*/10 * * * *",
        "description": "已报送的考试计划，材料申报截止且审核全部办结后，按场次核定人数（退出和增加的人员及原因），"
        "通知考试组织单位和省厅考试中心；之后又有变动的再次核定。",
        "counts": {"told": "核定场次"},
    },
    {
        "name": "考务人员提醒",
        "task": "exams.remind_staff",
        "crontab": "30 7 * * *",
        "description": "提醒没有答复的考务人员，并在考试前一个工作日提醒所有考务人员（规则 examination.staff_pool）。",
        "counts": {"unanswered": "催促答复", "eve": "考前提醒"},
    },
]
