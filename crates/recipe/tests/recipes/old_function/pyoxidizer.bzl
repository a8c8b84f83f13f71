config = EmbeddedPythonConfig(run_module = "app")
