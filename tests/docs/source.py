"""What the code says of its own types, spelled as it is written there."""

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from types import ModuleType

Row = tuple[str, str, str]


def fields(kind: type) -> list[Row]:
    """List the name, type and default of every field; `required` where there is none."""
    return [
        (node.target.id, _plain(node.annotation), _default(node.value))
        for node in _body(kind)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    ]


def methods(kind: type) -> list[str]:
    """List the signatures of every public method and property."""
    found = [
        node for node in _body(kind) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return [_signature(node) for node in found if _is_public(node.name)]


def members(kind: type) -> list[tuple[str, str]]:
    """List the names and values of an enumeration."""
    return [
        (node.targets[0].id, ast.literal_eval(node.value))
        for node in _body(kind)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    ]


def aliases(module: ModuleType) -> Iterator[tuple[str, str]]:
    """Walk the public values that a module gives a name, as they are written."""
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, ast.unparse(node.value).replace("'", '"')


def modules(package: ModuleType) -> list[ModuleType]:
    """List the modules that the objects of a package's `__all__` come from, by name."""
    names = {
        getattr(package, name).__module__ for name in package.__all__ if _has_home(package, name)
    }
    return [importlib.import_module(name) for name in sorted(names)]


def _has_home(package: ModuleType, name: str) -> bool:
    home = getattr(getattr(package, name), "__module__", "")
    return isinstance(home, str) and home.startswith(f"{package.__name__}.")


def _body(kind: type) -> list[ast.stmt]:
    tree = ast.parse(inspect.getsource(kind)).body[0]
    assert isinstance(tree, ast.ClassDef)
    return tree.body


def _is_public(name: str) -> bool:
    return name == "__call__" or not name.startswith("_")


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    returns = _plain(node.returns) if node.returns else "None"
    if any(isinstance(mark, ast.Name) and mark.id == "property" for mark in node.decorator_list):
        return f"{node.name}: {returns}"
    positional = node.args.posonlyargs or node.args.args
    del positional[:1]  # self
    for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
        if argument.annotation:
            argument.annotation = ast.parse(_plain(argument.annotation), mode="eval").body
    prefix = "async " if isinstance(node, ast.AsyncFunctionDef) else ""
    arguments = re.sub(r"(?<=\S)=(?=\S)", " = ", ast.unparse(node.args))
    return f"{prefix}{node.name}({arguments}) -> {returns}"


def _plain(annotation: ast.expr) -> str:
    text = ast.unparse(annotation)
    return text.strip("'") if isinstance(annotation, ast.Constant) else text


def _default(value: ast.expr | None) -> str:
    if value is None:
        return "required"
    if isinstance(value, ast.Call) and ast.unparse(value.func) == "field":
        made = ast.unparse(value.keywords[0].value)
        return "{}" if made == "dict" else f"{made}()"
    return ast.unparse(value).replace("'", '"')
