from importlib.resources import files

import zoo.dog

from . import COUNT

here = files(__package__)
print(COUNT, zoo.dog.SOUND, here.joinpath("table.txt").read_text().strip())
