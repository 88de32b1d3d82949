"""Need a package that is not installed."""

import importlib

importlib.import_module("no_such_package")
