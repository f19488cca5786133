"""SpiffWorkflow stays as it comes: what others run on it beside us runs as if we were not there."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Every attribute of every class and module of SpiffWorkflow, before and after a case has run.
LOOK = """
import importlib, pkgutil, sys
import SpiffWorkflow

def taken(value):
    return {name: id(item) for name, item in vars(value).items()
            if name not in ("__warningregistry__", "__builtins__", "_abc_impl")}

def look():
    seen = {}
    for name, module in sorted(sys.modules.items()):
        if not name.startswith("SpiffWorkflow"):
            continue
        seen[name] = {k: v for k, v in taken(module).items() if f"{name}.{k}" not in sys.modules}
        for kind in vars(module).values():
            if isinstance(kind, type) and kind.__module__.startswith("SpiffWorkflow"):
                seen[f"{name}:{kind.__qualname__}"] = taken(kind)
    return seen

for found in pkgutil.walk_packages(SpiffWorkflow.__path__, "SpiffWorkflow."):
    try:
        importlib.import_module(found.name)
    except ImportError:  # what it offers with packages that are not ours
        pass
before = look()
from tests.engine.acting import Acting
from tests.engine.test_running import CHOICE
case = Acting(CHOICE)
case.complete("a", amount=200)
case.complete("big")
assert case.finished
after = look()
changed = [key for key in after if before.get(key) != after[key]]
print(len(before), changed)
"""


def test_running_a_case_leaves_every_class_of_spiffworkflow_as_it_was():
    """So its own tests give the same results with our engine loaded as without it."""
    ran = subprocess.run(
        [sys.executable, "-c", LOOK], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.stderr == ""
    count, _, changed = ran.stdout.strip().partition(" ")
    assert int(count) > 200
    assert changed == "[]"
