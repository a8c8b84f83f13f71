"""A friendly first app: one file, no Python needed on the machine that runs it.

    pyxidium build examples/hello/app.py -o hello
    ./hello Ada --times 2
"""

import argparse
import datetime
import getpass
import os
import platform
import sys

GREETINGS = [(5, "Good night"), (12, "Good morning"), (18, "Good afternoon"), (24, "Good evening")]


def user_name() -> str:
    """The name of the person at the keyboard, as far as the machine knows it."""
    try:
        return getpass.getuser().capitalize()
    except (KeyError, OSError):  # a user without an entry in the machine's list
        return "friend"


def greeting(hour: int) -> str:
    """What one says at this hour."""
    return next(words for until, words in GREETINGS if hour < until)


def main() -> None:
    parser = argparse.ArgumentParser(prog="hello", description="Says hello, and where from.")
    parser.add_argument("name", nargs="?", default=user_name(), help="whom to greet (default: you)")
    parser.add_argument("--times", type=int, default=1, metavar="N", help="how often (default: 1)")
    parser.add_argument("--at", type=int, metavar="HOUR", choices=range(24), help="pretend that it is this hour")
    options = parser.parse_args()

    hour = datetime.datetime.now().hour if options.at is None else options.at
    for _ in range(options.times):
        print(f"{greeting(hour)}, {options.name}!")

    sealed = getattr(sys, "frozen", False)
    home = f"inside {os.path.basename(sys.executable)}, one file" if sealed else "an ordinary installation"
    print(f"This is Python {platform.python_version()}: {home}.")


if __name__ == "__main__":
    main()
