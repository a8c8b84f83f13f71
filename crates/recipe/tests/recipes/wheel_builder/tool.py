def main(): print("tool")
