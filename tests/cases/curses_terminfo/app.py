import curses

curses.setupterm("xterm", 1)
print(repr(curses.tigetstr("cuu1")), curses.tigetnum("cols"), curses.tigetflag("am"))
print(repr(curses.tparm(curses.tigetstr("cup"), 5, 3)))
