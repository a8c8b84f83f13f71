import os

here = os.path.dirname(__file__)
print(sorted(os.listdir(here)))
print(sorted(os.listdir(os.path.join(here, "data"))))
