register_target("exe", lambda: None)
print(VARS["version"])
