"""Doc.
"""
TEXT = """a
b"""
