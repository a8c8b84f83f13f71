import builtins

for name in ("exit", "quit", "help"):
    assert hasattr(builtins, name), name
assert repr(exit).startswith("Use exit()"), repr(exit)
quit(3)
