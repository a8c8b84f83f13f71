# /// script
# requires-python = ">=3.13"
# dependencies = [
#     "matplotlib",
#     "numpy",
#     "orjson",
#     "pandas",
#     "pillow",
#     "polars",
#     "pydantic",
#     "scipy",
# ]
#
# [tool.pyxidium]
# include = ["weather.csv"]
# ///
"""A small analysis in one file: twelve years of daily weather at three lighthouses, carried inside.

    pyxidium build examples/science/app.py -o science
    ./science --out results

The data is synthetic; make_data.py wrote it and says how.
"""

import argparse
import datetime
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")  # no window: the figure goes to a file

import matplotlib.pyplot as plt
import numpy as np
import orjson
import pandas as pd
import polars as pl
from PIL import Image
from pydantic import BaseModel, Field
from scipy import optimize, stats

CSV = Path(__file__).parent / "weather.csv"
COLORS = {"Corran Point": "#2f6f9f", "Isle of Tamm": "#d1803a", "Velsund": "#3c8d5a"}
INK, FAINT = "#27313a", "#d9dee2"
YEAR = 365.25


class Day(BaseModel):
    """One row of the file, as strict as the file ought to be."""

    date: datetime.date
    station: str = Field(min_length=1)
    temperature: float = Field(ge=-40, le=45)
    wind: float = Field(ge=0, le=80)
    rain: float = Field(ge=0, le=300)


class Trend(BaseModel):
    """Temperature of one station: its seasonal wave, and what changes from year to year."""

    station: str
    mean: float
    swing: float
    degrees_per_decade: float
    low: float
    high: float


class Report(BaseModel):
    """All that the analysis found."""

    days: int
    first: datetime.date
    last: datetime.date
    trends: list[Trend]
    rain_wind_odds_ratio: float
    rain_wind_p: float
    stations_differ_p: float


def load(path: Path) -> pl.DataFrame:
    """Reads the file and checks every row of it."""
    frame = pl.read_csv(path, try_parse_dates=True)
    for row in frame.iter_rows(named=True):
        Day.model_validate(row)
    return frame


def wave(day: np.ndarray, mean: float, cosine: float, sine: float, slope: float) -> np.ndarray:
    """A year's wave on a slope (degrees per day)."""
    angle = 2 * np.pi * day / YEAR
    return mean + cosine * np.cos(angle) + sine * np.sin(angle) + slope * day


def trend(station: str, table: pd.DataFrame) -> tuple[Trend, pd.DataFrame]:
    """Fits wave and slope; the errors of neighbouring days are not independent, so it fits monthly means."""
    monthly = table.set_index("date")["temperature"].resample("MS").mean()
    day = (monthly.index - monthly.index[0]).days.to_numpy(float) + 15
    found, spread = optimize.curve_fit(wave, day, monthly.to_numpy())
    mean, cosine, sine, slope = found
    margin = stats.t.ppf(0.975, len(day) - len(found)) * np.sqrt(spread[3, 3])
    season = wave(day, mean, cosine, sine, 0)
    anomaly = pd.DataFrame({"date": monthly.index, "anomaly": monthly.to_numpy() - season, "line": slope * day})
    decade = 10 * YEAR
    result = Trend(
        station=station,
        mean=mean,
        swing=float(np.hypot(cosine, sine)),
        degrees_per_decade=slope * decade,
        low=(slope - margin) * decade,
        high=(slope + margin) * decade,
    )
    return result, anomaly


def analyse(frame: pl.DataFrame) -> tuple[Report, dict[str, pd.DataFrame]]:
    """The numbers, and the monthly anomalies for the figure."""
    trends, anomalies = [], {}
    for (station,), part in frame.group_by("station", maintain_order=True):
        found, anomalies[station] = trend(station, pd.DataFrame(part.to_dict(as_series=False)).astype({"date": "datetime64[ns]"}))
        trends.append(found)
    # Does it rain more often on windy days? Windy: above the station's own median.
    windy = frame.with_columns(
        windy=pl.col("wind") > pl.col("wind").median().over("station"), wet=pl.col("rain") > 0
    )
    counts = windy.group_by("windy", "wet").len().sort("windy", "wet")["len"].to_numpy().reshape(2, 2)
    odds = stats.contingency.odds_ratio(counts)
    wet_days = windy.group_by("station", "wet").len().sort("station", "wet")["len"].to_numpy().reshape(-1, 2)
    report = Report(
        days=frame["date"].n_unique(),
        first=frame["date"].min(),
        last=frame["date"].max(),
        trends=trends,
        rain_wind_odds_ratio=odds.statistic,
        rain_wind_p=stats.chi2_contingency(counts).pvalue,
        stations_differ_p=stats.chi2_contingency(wet_days).pvalue,
    )
    return report, anomalies


def draw(frame: pl.DataFrame, report: Report, anomalies: dict[str, pd.DataFrame], path: Path) -> None:
    """Three panels: the year, the trend, wind and rain."""
    plt.rcParams |= {
        "font.size": 10, "axes.edgecolor": FAINT, "axes.labelcolor": INK, "text.color": INK,
        "xtick.color": INK, "ytick.color": INK, "axes.spines.top": False, "axes.spines.right": False,
        "axes.grid": True, "grid.color": FAINT, "grid.linewidth": 0.6, "axes.axisbelow": True,
    }  # fmt: skip
    figure = plt.figure(figsize=(11, 7.6), dpi=140, layout="constrained")
    figure.get_layout_engine().set(w_pad=0.12, h_pad=0.12, hspace=0.04, wspace=0.04)
    year, drift, rain = figure.subplot_mosaic([["year", "year"], ["drift", "rain"]], height_ratios=[1.15, 1]).values()
    figure.suptitle("Weather at three lighthouses, 2013 to 2024", fontsize=16, fontweight="bold", x=0.02, ha="left")

    months = frame.group_by("station", pl.col("date").dt.month().alias("month")).agg(
        pl.col("temperature").mean().alias("mean"),
        pl.col("temperature").quantile(0.1).alias("low"),
        pl.col("temperature").quantile(0.9).alias("high"),
    )
    for station, color in COLORS.items():
        part = months.filter(pl.col("station") == station).sort("month")
        year.fill_between(part["month"], part["low"], part["high"], color=color, alpha=0.13, linewidth=0)
        year.plot(part["month"], part["mean"], color=color, linewidth=2.2, marker="o", markersize=4.5, label=station)
    year.set_title("Monthly mean temperature; the bands hold 8 days of 10", loc="left", fontsize=11)
    year.set_ylabel("°C")
    year.set_xticks(range(1, 13), "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split())
    year.set_xlim(0.8, 12.2)
    year.legend(frameon=False, loc="upper left")

    for found in report.trends:
        part, color = anomalies[found.station], COLORS[found.station]
        drift.scatter(part["date"], part["anomaly"], s=7, color=color, alpha=0.35, linewidth=0)
        drift.plot(part["date"], part["line"], color=color, linewidth=2.2)
    drift.set_title("Monthly temperature without the seasons", loc="left", fontsize=11)
    drift.set_ylabel("°C against the start")
    drift.tick_params(axis="x", labelrotation=0)

    edges = np.array([0, 3, 6, 9, 12, 15, 18])
    centres = (edges[:-1] + edges[1:]) / 2
    for offset, (station, color) in zip((-0.45, 0, 0.45), COLORS.items(), strict=True):
        part = frame.filter(pl.col("station") == station)
        wet, wind = (part["rain"] > 0).to_numpy(), part["wind"].to_numpy()
        total, _ = np.histogram(wind, edges)
        hits, _ = np.histogram(wind[wet], edges)
        enough = total >= 10
        share = hits[enough] / total[enough]
        interval = [stats.binomtest(int(h), int(t)).proportion_ci(method="wilson") for h, t in zip(hits[enough], total[enough])]
        bars = [share - [i.low for i in interval], [i.high for i in interval] - share]
        rain.errorbar(
            centres[enough] + offset, 100 * share, yerr=100 * np.array(bars), fmt="o-", color=color,
            linewidth=1.2, markersize=5, elinewidth=1.2, capsize=0,
        )  # fmt: skip
    rain.set_title("Days with rain, by the day's wind", loc="left", fontsize=11)
    rain.set_xlabel("wind, m/s")
    rain.set_ylabel("% of days")
    rain.set_xlim(0, 18)
    rain.set_ylim(0, 100)
    figure.text(0.995, 0.005, "Synthetic data", ha="right", va="bottom", fontsize=8, color="#8a949c")
    figure.savefig(path)
    plt.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(prog="science", description="Analyses the weather that it carries.")
    parser.add_argument("--out", type=Path, default=Path(), metavar="FOLDER", help="where the results go (default: here)")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)

    frame = load(CSV)
    report, anomalies = analyse(frame)
    print(f"{report.days} days at {len(report.trends)} stations, {report.first} to {report.last}\n")
    print(f"{'station':<14}{'mean':>7}{'swing':>7}   warming per decade, 95% interval")
    for found in report.trends:
        interval = f"{found.low:+.2f} to {found.high:+.2f}"
        print(f"{found.station:<14}{found.mean:>6.1f}°{found.swing:>6.1f}°   {found.degrees_per_decade:+.2f}° ({interval})")
    print(f"\nOn windy days the odds of rain are {report.rain_wind_odds_ratio:.2f} times those of calm days (p = {report.rain_wind_p:.1g}).")
    print(f"The stations differ in how often it rains (p = {report.stations_differ_p:.1g}).")

    (out / "report.json").write_bytes(orjson.dumps(report.model_dump(), option=orjson.OPT_INDENT_2))
    draw(frame, report, anomalies, out / "weather.png")
    with Image.open(out / "weather.png") as picture:
        picture.thumbnail((480, 480))
        picture.convert("RGB").save(out / "thumbnail.jpg", quality=85)
    print(f"\nWrote weather.png, thumbnail.jpg and report.json to {out.resolve()}")


if __name__ == "__main__":
    sys.exit(main())
