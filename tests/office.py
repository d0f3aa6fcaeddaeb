"""LibreOffice opening a file with a password, by a macro of a profile of its own: no option does."""

from __future__ import annotations

import html
import subprocess
from pathlib import Path

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_MODULE = """<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Module1"
 script:language="StarBasic">
Sub Convert
  Dim load(1) As New com.sun.star.beans.PropertyValue
  Dim save(0) As New com.sun.star.beans.PropertyValue
  load(0).Name = "Hidden" : load(0).Value = True
  load(1).Name = "Password" : load(1).Value = "{password}"
  save(0).Name = "FilterName" : save(0).Value = "Text - txt - csv (StarCalc)"
  On Error Goto Done
  document = StarDesktop.loadComponentFromURL("{source}", "_blank", 0, load())
  document.storeToURL("{target}", save())
  document.close(True)
Done:
  StarDesktop.terminate()
End Sub
</script:module>"""
_LIBRARY = """<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard"
 library:readonly="false" library:passwordprotected="false">
 <library:element library:name="Module1"/></library:library>"""


def first_sheet(workbook: Path, password: str, folder: Path) -> list[str]:
    """Read the lines of a workbook's first sheet as LibreOffice gives them; none where it does not open."""
    office = ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"]
    subprocess.run([*office, "--terminate_after_init"], capture_output=True, timeout=120, check=True)
    library, target = folder / "profile/user/basic/Standard", folder / "sheet.csv"
    values = {"source": workbook.as_uri(), "target": target.as_uri(), "password": password}
    module = _MODULE.format(**{name: html.escape(value, quote=False) for name, value in values.items()})
    (library / "Module1.xba").write_text(_HEAD + module)
    (library / "script.xlb").write_text(_HEAD + _LIBRARY)
    subprocess.run([*office, "macro:///Standard.Module1.Convert"], capture_output=True, timeout=120, check=True)
    return target.read_text(encoding="latin-1").splitlines() if target.exists() else []
