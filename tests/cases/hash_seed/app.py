print(hash("a string"))
