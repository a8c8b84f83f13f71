"""What the paths of a spec are here, and which packages the sources of a project import.

Second of the three parts of one program. Reads files of the project; runs none of them.
"""

import ast
import glob
import os
import re
import sys


def there(path):
    return os.path.exists(path) or (glob.has_magic(path) and any(glob.iglob(path, recursive=True)))


def package_in(path):
    """The package that a path leads into, if it leads into one."""
    inner = re.search(r"[/\\](?:site|dist)-packages[/\\](\w+)", path)
    inner = inner or re.match(re.escape(PACKAGES) + r"/(\w+)(/|$)", path)
    return inner[1] if inner else None


def resolved(path):
    """Where a path of the spec leads: an absolute path, and nothing; or nothing, and why."""
    path = os.fspath(path)
    if path.startswith(PACKAGES) or re.search(r"[/\\](site|dist)-packages([/\\]|$)", path):
        return None, "goes in with its package"
    if path.startswith(os.path.join(sys.base_prefix, "")):
        return None, "is Python's own: what it needs is in the file"
    # The folder that the spec changed to counts for what lies there only.
    plain = path if there(os.path.join(HERE, path)) else path.replace("\\", "/")
    foreign = re.match(r"([A-Za-z]:)?/", plain)
    places = [os.path.join(folder, plain) for folder in (HERE, os.getcwd())]
    if foreign:
        # Of the machine where the spec was written: its end may be ours.
        parts = [p for p in plain.split("/")[1:] if p]
        places += [os.path.join(HERE, *parts[at:]) for at in range(len(parts))]
    for place in places:
        if there(place):
            place = os.path.normpath(place)
            if foreign and place != os.path.normpath(plain):
                note(path, f"is taken as {os.path.relpath(place, HERE)}")
            return place, None
    if foreign:
        return None, "is not on this machine"
    return os.path.normpath(places[0]), None


def is_local(name, roots):
    first = name.split(".")[0]
    places = [os.path.join(root, first) for root in roots]
    return any(os.path.isdir(p) or os.path.isfile(p + ".py") for p in places)


# What packages are called where they are installed from, where that is another name; None for modules that come
# with another package, or with another system only.
DISTRIBUTIONS = {
    "attr": "attrs", "barcode": "python-barcode", "bs4": "beautifulsoup4", "Crypto": "pycryptodome", "cv2":
    "opencv-python", "dateutil": "python-dateutil", "discord": "discord.py", "dns": "dnspython", "docx": "python-docx",
    "dotenv": "python-dotenv", "engineio": "python-engineio", "fitz": "PyMuPDF", "gi": "PyGObject", "git": "GitPython",
    "jose": "python-jose", "jwt": "PyJWT", "magic": "python-magic", "mpl_toolkits": "matplotlib", "MySQLdb":
    "mysqlclient", "nacl": "PyNaCl", "OpenSSL": "pyOpenSSL", "P4": "p4python", "PIL": "Pillow", "pptx": "python-pptx",
    "psycopg2": "psycopg2-binary", "pythonosc": "python-osc", "pywt": "PyWavelets", "rtmidi": "python-rtmidi",
    "serial": "pyserial", "skimage": "scikit-image", "sklearn": "scikit-learn", "slugify": "python-slugify",
    "socketio": "python-socketio", "speech_recognition": "SpeechRecognition", "telegram": "python-telegram-bot",
    "usb": "pyusb", "vlc": "python-vlc", "websocket": "websocket-client", "webview": "pywebview", "wx": "wxPython",
    "Xlib": "python-xlib", "yaml": "PyYAML", "zmq": "pyzmq",
    "AppKit": None, "backports": None, "Foundation": None, "google": None, "kivy_deps": None, "MetaTrader5": None,
    "objc": None, "pkg_resources": None, "pyi_splash": None, "PyInstaller": None, "pythoncom": None, "pythonwin": None,
    "pywin32": None, "pywintypes": None, "pyxidium": None, "Quartz": None, "winrt": None, "winsdk": None,
}


def distribution(module):
    """What to install for a module, if anything."""
    first = module.split(".")[0]
    if first in sys.stdlib_module_names or first.startswith(("win32", "_win32")):
        return None
    return DISTRIBUTIONS.get(first, first)


def imported(scripts, roots, hidden):
    """Packages that the sources, or the spec for them, name: neither ours nor the standard library's; and the folders
    out of `roots` that something was found in."""
    queue, seen, used = list(scripts), set(), set()
    packages = {distribution(name) for name in hidden}
    while queue:
        path = queue.pop()
        if path in seen or not os.path.isfile(path):
            continue
        seen.add(path)
        try:
            with open(path, "rb") as file:
                tree = ast.parse(file.read())
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                names = [node.module]
            for name in names:
                first = name.split(".")[0]
                root = next((r for r in roots if is_local(first, [r])), None)
                if root is not None:
                    used.add(root)
                    queue.append(os.path.join(root, first + ".py"))
                    for folder, _, inner in os.walk(os.path.join(root, first)):
                        queue.extend(os.path.join(folder, f) for f in inner if f.endswith(".py"))
                else:
                    packages.add(distribution(name))
    return packages - {None}, used
