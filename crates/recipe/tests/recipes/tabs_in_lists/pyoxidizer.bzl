NAMES = [
	"one",
    	"two	three",
]

def make_exe():
	for name in NAMES:
		print(name)
	return default_python_distribution().to_python_executable(name = "app")

register_target("exe", make_exe)
resolve_targets()
