import os

here = os.path.dirname(__file__)
print(sorted(name for name in os.listdir(here) if name != "lib"))
print(sorted(os.listdir(os.path.join(here, "data"))))
