from shop import counting

if __name__ == "__main__":
    print(counting.total())
