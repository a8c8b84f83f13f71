def fail():
    try:
        raise KeyError("inner")
    except KeyError as error:
        error.add_note("a note")
        raise ExceptionGroup("several", [ValueError("one"), error]) from error


fail()
