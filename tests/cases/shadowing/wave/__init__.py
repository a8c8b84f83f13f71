MINE = "own package"
