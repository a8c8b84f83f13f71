# /// script
# dependencies = []
# ///
print("é")
