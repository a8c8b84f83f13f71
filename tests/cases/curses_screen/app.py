import curses


def main(screen):
    curses.curs_set(0)
    screen.addstr(1, 2, "héllo from curses")
    screen.refresh()
    return curses.COLORS, curses.LINES > 0


print(curses.wrapper(main))
name = input("name? ")
print("got", name)
