"""Writes weather.csv: twelve years of daily weather at three lighthouses that do not exist.

Synthetic, and made to be found out: a seasonal wave per station, a warming of 0.07 degrees a year,
wind that cools, and rain that is likelier on windy days. The same bytes every time.
"""

import csv
import datetime
import math
import random

STATIONS = {
    # name: yearly mean, half the difference between summer and winter, mean wind, chance of rain
    "Corran Point": (9.1, 6.2, 7.8, 0.47),
    "Isle of Tamm": (10.6, 5.1, 9.6, 0.55),
    "Velsund": (7.4, 9.0, 5.2, 0.36),
}
START, DAYS, WARMING = datetime.date(2013, 1, 1), 12 * 365 + 3, 0.07


def main() -> None:
    dice = random.Random(20130101)
    with open("weather.csv", "w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["date", "station", "temperature", "wind", "rain"])
        memory = dict.fromkeys(STATIONS, 0.0)
        for day in range(DAYS):
            date = START + datetime.timedelta(days=day)
            season = -math.cos(2 * math.pi * (date.timetuple().tm_yday - 20) / 365.25)
            for name, (mean, swing, gusts, wet) in STATIONS.items():
                memory[name] = 0.7 * memory[name] + dice.gauss(0, 1.4)  # today resembles yesterday
                wind = dice.gammavariate(4, gusts / 4)
                temperature = mean + swing * season + WARMING * day / 365.25 + memory[name] - 0.08 * (wind - gusts)
                rainy = dice.random() < min(0.95, wet * (0.55 + 0.45 * wind / gusts))
                rain = dice.expovariate(1 / 4.2) if rainy else 0.0
                rows.writerow([date.isoformat(), name, f"{temperature:.1f}", f"{wind:.1f}", f"{rain:.1f}"])


if __name__ == "__main__":
    main()
