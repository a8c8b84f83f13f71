for number in range(100_000):
    print(number)
