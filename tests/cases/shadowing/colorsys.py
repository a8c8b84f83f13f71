MINE = "own module"
