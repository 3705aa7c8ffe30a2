"""Reports how many days are left until each deadline in deadlines.json."""

import datetime
import json
import pathlib

DEADLINES = pathlib.Path(__file__).with_name("deadlines.json")


def handler(event, context):
    date, lines = today()
    for line in lines:
        print(line)
    return {"date": date, "lines": lines}


def today():
    date = datetime.datetime.now(datetime.timezone.utc).date()
    return date.isoformat(), report(json.loads(DEADLINES.read_text(encoding="utf-8")), date)


def report(deadlines, today):
    dated = sorted((datetime.date.fromisoformat(one["date"]), one["what"]) for one in deadlines)
    return [f"{date}  {left(date, today):<14}  {what}" for date, what in dated]


def left(date, today):
    days = (date - today).days
    if days < 0:
        return f"{-days} days late"
    return "today" if days == 0 else f"in {days} days"
