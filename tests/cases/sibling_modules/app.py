import helper
from shapes import square

print(helper.shout("hi"), square.area(3))
