def greet(name):
    """Greets somebody."""


help(greet)
help("json.dumps")
