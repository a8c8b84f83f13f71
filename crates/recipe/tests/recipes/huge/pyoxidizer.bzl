def product():
    return [0] * 2000000000

def text():
    n = 100000
    return "x" * n * n

def counting():
    return list(range(2000000000))

def doubling():
    x = "x"
    for i in range(100):
        x = x + x
    return x

def fine():
    print(len("-" * 60), [1, 2] * 2, 3 * 4)

register_target("fine", fine)
register_target("product", product)
register_target("text", text)
register_target("counting", counting)
register_target("doubling", doubling)
resolve_targets()
