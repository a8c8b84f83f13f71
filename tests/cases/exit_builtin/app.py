import builtins

for name in ("exit", "quit", "help", "copyright", "credits", "license"):
    assert hasattr(builtins, name), name
assert repr(exit).startswith("Use exit()"), repr(exit)
quit(3)
