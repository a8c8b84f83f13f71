# /// script
# dependencies = ["tzdata"]
# ///
import datetime
import importlib.resources
import zoneinfo

zone = zoneinfo.ZoneInfo("America/Argentina/Buenos_Aires")
print(datetime.datetime(2026, 7, 1, 12, tzinfo=zone).isoformat(), len(zoneinfo.available_timezones()) > 300)
assert "zoneinfo/zones" and importlib.resources.files("tzdata").joinpath("zones").read_text().count("\n") > 300
