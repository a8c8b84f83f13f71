//! Specs as people write them, and the recipes that they become.

use super::{ImportedSpec, import_spec};
use crate::testing::lay;
use crate::tests::options;
use crate::{Error, Silent};

fn import(spec: &str, files: &[(&str, &[u8])]) -> Result<ImportedSpec, Error> {
    let folder = tempfile::tempdir().unwrap();
    lay(folder.path(), files);
    lay(folder.path(), &[("app.spec", spec.as_bytes())]);
    import_spec(&folder.path().join("app.spec"), &options(), &Silent)
}

#[track_caller]
fn check(spec: &str, files: &[(&str, &[u8])], lines: &[&str], notes: &[&str]) {
    let imported = import(spec, files).unwrap();
    for line in lines {
        let found = imported.recipe.lines().any(|l| l.trim() == *line);
        assert!(found, "{line}\nis missing in\n{}", imported.recipe);
    }
    // Where the test's Python lies differs from machine to machine.
    let place = |n: &String| {
        n.find("site-packages")
            .map_or(n.clone(), |at| n[at..].to_owned())
    };
    let came: Vec<_> = imported.notes.iter().map(place).collect();
    assert_eq!(came, notes, "{}", imported.recipe);
}

#[test]
fn one_file_as_the_tool_itself_writes_it() {
    let spec = r#"# -*- mode: python ; coding: utf-8 -*-
a = Analysis(
    ['app.py'], pathex=[], binaries=[], datas=[], hiddenimports=[], hookspath=[], hooksconfig={},
    runtime_hooks=[], excludes=[], noarchive=False, optimize=0,
)
pyz = PYZ(a.pure)
exe = EXE(
    pyz, a.scripts, a.binaries, a.datas, [], name='app', debug=False, bootloader_ignore_signals=False, strip=False,
    upx=True, upx_exclude=[], runtime_tmpdir=None, console=True, disable_windowed_traceback=False,
    argv_emulation=False, target_arch=None, codesign_identity=None, entitlements_file=None,
)
"#;
    let imported = import(spec, &[("app.py", b"import json\n")]).unwrap();
    assert_eq!(
        imported.recipe,
        "# Made of app.spec by `pyxidium import`. `pyxidium build` seals it; `pyxidium targets` lists what there is.\n\
         \n\
         def make_app():\n    \
             dist = default_python_distribution()\n    \
             config = dist.make_python_interpreter_config()\n    \
             # The folder of the app's files, as programs of PyInstaller know it.\n    \
             config.sys_meipass = True\n    \
             exe = dist.to_python_executable(name = \"app\", config = config)\n    \
             exe.script(\"app.py\")\n    \
             return exe\n\
         \n\
         register_target(\"app\", make_app, default = True)\n\
         resolve_targets()\n"
    );
    assert_eq!(imported.notes, [""; 0]);
}

#[test]
fn a_folder_with_everything() {
    let spec = r#"
import os, sys
import numpy
from PyInstaller.utils.hooks import collect_data_files, collect_all
datas = [('data/*.json', 'conf'), (os.path.join(os.path.dirname(numpy.__file__), 'core'), 'numpy')]
datas += collect_data_files('certifi')
d, b, h = collect_all('pandas')
icon = 'a.icns' if sys.platform == 'darwin' else os.path.join(SPECPATH, 'img/logo.png')
print("specs may print")
a = Analysis(['first.py', 'app.py'], pathex=['lib', SPECPATH], datas=datas, hiddenimports=['late.mod', 'sklearn.tree'] + h,
    runtime_hooks=['hook.py'], excludes=['tkinter'], optimize=1)
a.datas += [('notes/about.txt', 'about.txt', 'DATA')]
pyz = PYZ(a.pure, a.zipped_data, cipher=None)
exe = EXE(pyz, a.scripts, [('W ignore', None, 'OPTION'), ('u', None, 'OPTION')], exclude_binaries=True, name='My "App"',
    strip=True, console=False, icon=[icon], version='v.txt')
coll = COLLECT(exe, a.binaries, a.datas, Tree('img', prefix='img', excludes=['*.tmp']), name='app')
app = BUNDLE(coll, name='My.app')
"#;
    check(
        spec,
        &[
            ("app.py", b"import helper, yaml\nfrom PIL import Image\n"),
            ("helper.py", b"import shared\n"),
            ("lib/shared.py", b"import os, requests\n"),
            ("late/mod.py", b""),
            ("data/a.json", b"{}"),
            ("about.txt", b""),
            ("img/logo.png", b""),
        ],
        &[
            "def leave_out_of_my__app(policy, resource):",
            "for excluded in [\"tkinter\"]:",
            "config.optimization_level = 1",
            "config.buffered_stdio = False",
            "config.warn_options = [\"ignore\"]",
            "exe = dist.to_python_executable(name = \"My \\\"App\\\"\", packaging_policy = policy, config = config)",
            "exe.script(\"app.py\", paths = [\"lib\"], modules = [\"late.mod\"])",
            "exe.add_python_resources(exe.pip_install([\"certifi\", \"numpy\", \"pandas\", \"Pillow\", \"PyYAML\", \"requests\", \"scikit-learn\"]))",
            "exe.add_files(\"data/*.json\", \"conf\")",
            "exe.add_files(\"about.txt\", \"notes\")",
            "exe.add_files(\"img\", \"img\", exclude = [\"img/**/*.tmp\"])",
            "exe.strip = True",
            "exe.windows_subsystem = \"windows\"",
            "register_target(\"my__app\", make_my__app, default = True)",
        ],
        &[
            "excludes: an app that misses such a module says so; to make files smaller, `--only-used` does more",
            "first.py ran before app.py: import it there, in the first line",
            "hook.py ran before app.py: import it there, in the first line",
            "packages are those that the sources import, by their usual names: certifi, numpy, pandas, Pillow, PyYAML, requests, scikit-learn",
            "img/logo.png: is for windows and packages: `exe.window(icon = ...)`",
            "PyInstaller.utils.hooks.collect_data_files: is not called: packages go in whole, with their data and metadata",
            "PyInstaller.utils.hooks.collect_all: is not called: packages go in whole, with their data and metadata",
            "version: is for Windows: `exe.version` is what packages say",
            "BUNDLE: macOS bundles are made on macOS: `MacOsApplicationBundleBuilder` in the recipe",
            "numpy/core: goes in with its package",
        ],
    );
}

#[test]
fn several_programs_and_packages_that_are_listed() {
    let spec = "from PyInstaller.building.api import EXE, MERGE\nfrom mine import NAME\n\
                a = Analysis(['one.py'], datas=[('data', 'data')])\nb = Analysis(['src/two.py'])\n\
                MERGE((a, 'a', 'a'), (b, 'b', 'b'))\n\
                x = EXE(PYZ(a.pure), a.scripts, name=NAME + '.exe')\ny = EXE(PYZ(b.pure), b.scripts, name='two')\n\
                COLLECT(x, y, a.datas, b.datas)\n";
    check(
        spec,
        &[
            ("one.py", b"import yaml\n"),
            ("src/two.py", b""),
            ("mine.py", b"NAME = 'one'\n"),
            ("data/x.txt", b""),
            ("requirements.txt", b"PyYAML\n"),
        ],
        &[
            "exe.script(\"one.py\")",
            "exe.script(\"src/two.py\")",
            "exe.add_files(\"data\", \"data\")",
            "exe.add_python_resources(exe.pip_install([\"-r\", \"requirements.txt\"]))",
            "register_target(\"one\", make_one, default = True)",
            "register_target(\"two\", make_two)",
        ],
        &[
            "MERGE: each program is one file with all that it needs",
            "COLLECT: each program is one file with all that it needs; together they take more than one folder",
        ],
    );
}

#[test]
fn what_was_written_on_another_machine() {
    let spec = r#"
from kivy_deps import sdl2, glew
import numpy, site, os
datas = [('art\\a.png', 'art'), ('C:\\Users\\jo\\app\\b.txt', '.'), ('/home/jo/gone.txt', '.'),
         (os.path.join(site.getsitepackages()[0], 'gradio'), 'gradio')]
libraries = [(os.path.join(os.path.dirname(numpy.__file__), f), '.') for f in os.listdir(numpy.__path__[0] + '/core')]
a = Analysis(['src\\app.py'], pathex=['C:/Users/jo/app'], datas=datas, binaries=libraries, hiddenimports=['win32gui', 'serial'])
a.binaries = [x for x in a.binaries if not x[0].startswith('qt')] - TOC([('tcl86.dll', None, None)])
a.datas += Tree('art', prefix='more')
splash = Splash('art/a.png', binaries=a.binaries, datas=a.datas)
exe = EXE(PYZ(a.pure), a.scripts, splash, splash.binaries, name='app', icon='art\\a.ico')
COLLECT(exe, a.binaries, a.datas, *[Tree(p) for p in (sdl2.dep_bins + glew.dep_bins)])
"#;
    check(
        spec,
        &[
            ("src/app.py", b"import gradio\n"),
            ("art/a.png", b""),
            ("art/a.ico", b""),
            ("b.txt", b""),
        ],
        &[
            "exe.script(\"src/app.py\")",
            "exe.add_files(\"art/a.png\", \"art\")",
            "exe.add_files(\"b.txt\")",
            "exe.add_files(\"art\", \"more\")",
            "exe.add_python_resources(exe.pip_install([\"gradio\", \"pyserial\"]))",
        ],
        &[
            "packages are those that the sources import, by their usual names: gradio, pyserial",
            "art/a.ico: is for Windows or macOS; windows and packages here take a PNG: `exe.window(icon = ...)`",
            "Splash: nothing is unpacked, so there is nothing to wait for",
            "pathex C:/Users/jo/app: is not on this machine; beside the script modules are found anyway",
            "C:\\Users\\jo\\app\\b.txt: is taken as b.txt",
            "/home/jo/gone.txt: is not on this machine: copy it into the project, and name it in `exe.add_files(...)`",
            "site-packages/gradio: goes in with its package",
        ],
    );
}

#[test]
fn packages_that_only_the_spec_names_and_parts_of_our_own() {
    let spec = "from PyInstaller.utils.hooks import *\n\
                import os\nfrom importlib.metadata import version\n\
                d, h = collect_entry_point('my.plugins')\n\
                d += copy_metadata('scikit-learn') + collect_data_files('mine') + collect_data_files('cv2')\n\
                d += [(os.path.join(os.path.dirname(get_module_file_attribute('PyQt5')), 'x'), 'x')]\n\
                a = Analysis(['app.py'], datas=d, hiddenimports=h + collect_submodules('mine'))\n\
                EXE(PYZ(a.pure), a.scripts, name='app-' + version('mine'))\n";
    check(
        spec,
        &[
            ("app.py", b""),
            ("mine/__init__.py", b""),
            ("mine/late/one.py", b""),
            ("mine/late/words.txt", b""),
            (
                "pyproject.toml",
                b"[project]\nname = 'mine'\nversion = '1.5'\n",
            ),
        ],
        &[
            "exe = dist.to_python_executable(name = \"app-1.5\", config = config)",
            "exe.script(\"app.py\", modules = [\"mine\", \"mine.late.one\"])",
            "exe.add_python_resources(exe.pip_install([\"opencv-python\", \"PyQt5\", \"scikit-learn\"]))",
            "exe.add_files(\"mine/late/words.txt\", \"mine/late\")",
        ],
        &[
            "packages are those that the sources import, by their usual names: opencv-python, PyQt5, scikit-learn",
            "PyInstaller.utils.hooks.collect_entry_point: is not called: packages go in whole, with their data and metadata",
            "PyInstaller.utils.hooks.copy_metadata: is not called: packages go in whole, with their data and metadata",
            "PyInstaller.utils.hooks.collect_data_files: is not called: packages go in whole, with their data and metadata",
            "PyInstaller.utils.hooks.get_module_file_attribute: is not called: packages go in whole, with their data and metadata",
            "PyQt5/x: goes in with its package",
        ],
    );
}

#[test]
fn a_script_inside_of_its_package() {
    check(
        "a = Analysis(['pkg/__main__.py'], pathex=['./pkg'], hiddenimports=['pkg.late'])\n\
         EXE(PYZ(a.pure), a.scripts, name='app')\n",
        &[
            ("pkg/__init__.py", b""),
            ("pkg/__main__.py", b"import pkg.other\n"),
            ("pkg/other.py", b""),
            ("pkg/late.py", b""),
        ],
        &["exe.script(\"pkg/__main__.py\", paths = [\".\"], modules = [\"pkg.late\"])"],
        &[],
    );
}

#[test]
fn a_package_that_does_not_run_without_others() {
    check(
        "import subprocess\nfrom pkg.versions import NAMES\nfrom pkg import TITLE\n\
         NAMES += subprocess.check_output(['echo', 'b.txt'], text=True).split()\n\
         a = Analysis(['pkg/__main__.py'], datas=[(n, '.') for n in NAMES])\n\
         EXE(PYZ(a.pure), a.scripts, name='app')\n",
        &[
            (
                "pkg/__init__.py",
                b"import far\nfar.table['x'] = 1\nif far.number() + 1 != 2:\n    raise ValueError('far')\nTITLE = ''\n",
            ),
            ("pkg/__main__.py", b"import pkg\n"),
            ("pkg/versions.py", b"NAMES = ['a.txt']\n"),
            ("a.txt", b""),
            ("b.txt", b""),
            ("requirements.txt", b""),
        ],
        &["exe.add_files(\"a.txt\")", "exe.add_files(\"b.txt\")"],
        &[
            "far.number: is not called: packages go in whole, with their data and metadata",
            "import pkg: it does not run without its packages (ValueError: far), so what the spec takes of it is left out",
        ],
    );
}

#[test]
fn a_spec_below_its_project() {
    let folder = tempfile::tempdir().unwrap();
    let spec = "from pathlib import Path\nroot = Path(SPECPATH).parent\n\
                a = Analysis([str(root / 'app.py')], pathex=['..'], datas=[('../data', 'data')])\n\
                EXE(PYZ(a.pure), a.scripts, name='app')\n";
    lay(
        folder.path(),
        &[
            ("packaging/app.spec", spec.as_bytes()),
            ("packaging/requirements.txt", b""),
            ("app.py", b""),
            ("data/x", b""),
        ],
    );
    let spec = folder.path().join("packaging/app.spec");
    let imported = import_spec(&spec, &options(), &Silent).unwrap();
    assert_eq!(
        imported.folder,
        fs_err::canonicalize(folder.path()).unwrap()
    );
    assert_eq!(imported.notes, [""; 0]);
    for line in [
        "exe.script(\"app.py\")",
        "exe.add_files(\"data\", \"data\")",
        "[\"-r\", \"packaging/requirements.txt\"]",
    ] {
        assert!(imported.recipe.contains(line), "{}", imported.recipe);
    }
}

#[test]
fn a_spec_that_fails_is_told_with_its_line() {
    for (spec, said) in [
        (
            "a = Analysis(['app.py'])\nopen('nothing.txt')\n",
            "line 2: FileNotFoundError: ",
        ),
        (
            "a = Analysis(\n",
            "line 1: SyntaxError: '(' was never closed",
        ),
        (
            "import sys\n\nsys.exit('no')\n",
            "line 3: the file ends itself: SystemExit('no')",
        ),
        ("x = 1\n", "line 1: it makes no EXE(...)"),
        ("import os\nos._exit(3)\n", "line 1: it ends Python"),
        ("1 / 0\n", "line 1: ZeroDivisionError: division by zero"),
        (
            "import os\nx = os.environ['MY_BUILD']\n",
            "line 2: the environment variable MY_BUILD is not set: set it where",
        ),
        (
            "import numpy\nopen(numpy.__file__)\n",
            "line 2: it reads numpy/__init__.py, which lies in a package",
        ),
    ] {
        let error = import(spec, &[]).unwrap_err();
        assert!(error.to_string().contains(said), "{error}");
        assert!(error.hint().is_some());
    }
}
