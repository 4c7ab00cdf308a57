"""What `celery --app nightporter.nightly.worker worker --beat` starts: the app of this process, with its schedule."""

from celery.schedules import crontab

from nightporter.nightly.app import make_app
from nightporter.settings import load

app = make_app(load())
# at 02:15 UTC, when the last lines of the day before have arrived
app.conf.beat_schedule = {"last night": {"task": "nightporter.last_night", "schedule": crontab(hour="2", minute="15")}}
