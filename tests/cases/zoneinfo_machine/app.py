import datetime
import zoneinfo

try:
    zone = zoneinfo.ZoneInfo("Europe/Berlin")
except zoneinfo.ZoneInfoNotFoundError as error:
    print(error.args[0])
else:
    moment = datetime.datetime(2026, 7, 1, 12, tzinfo=zone)
    print(moment.isoformat(), moment.tzname(), sorted(zoneinfo.available_timezones()))
