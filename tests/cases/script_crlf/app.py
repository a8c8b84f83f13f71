#!/usr/bin/env python3
# /// script
# dependencies = []
# ///
text = """a
b"""
print(repr(text))
1 / 0
