# /// script
# [tool.pyxidium.interpreter]
# write-modules-directory-env = "MODULES"
# ///
import json

print(json.dumps("ok").strip('"'))
