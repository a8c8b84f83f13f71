import copyreg
import dataclasses
import pickle


@dataclasses.dataclass
class Point:
    x: int
    y: int


data = pickle.dumps([Point(1, 2), Point])
with open("points.pickle", "wb") as file:
    file.write(data)
assert b"__main__" in data
assert pickle.loads(data)[0] == Point(1, 2) and pickle.loads(data)[1] is Point
assert pickle._Unpickler(open("points.pickle", "rb")).load()[0] == Point(1, 2)
print("ok")
