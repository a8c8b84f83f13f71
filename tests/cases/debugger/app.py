def add(a, b):
    total = a + b
    breakpoint()
    return total


print(add(20, 22))
