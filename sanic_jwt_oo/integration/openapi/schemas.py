"""Schemas of OpenAPI 3.0, which differ from JSON Schema."""

from __future__ import annotations

from importlib import import_module
from typing import Any, get_origin

from typing_extensions import (
    NotRequired,
    Required,
    TypedDict,
    get_type_hints,
    is_typeddict,
)

from ...exceptions import InitializationFailure

FORMS = (
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
)
"""The content types of a body that endpoints read."""
_KEYWORDS = frozenset(
    [
        "$ref",
        "additionalProperties",
        "allOf",
        "anyOf",
        "default",
        "deprecated",
        "description",
        "discriminator",
        "enum",
        "example",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "format",
        "items",
        "maxItems",
        "maxLength",
        "maxProperties",
        "maximum",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "multipleOf",
        "not",
        "nullable",
        "oneOf",
        "pattern",
        "properties",
        "readOnly",
        "required",
        "title",
        "type",
        "uniqueItems",
        "writeOnly",
    ]
)
_NULL = {"type": "null"}


def reference(name: str) -> dict[str, Any]:
    """Return a reference to a schema among the components."""
    return {"$ref": f"#/components/schemas/{name}"}


def object_of(
    properties: dict[str, Any], required: list[str] | None = None
) -> dict[str, Any]:
    """Return the schema of an object."""
    schema: dict[str, Any] = {"type": "object"}
    if properties:
        schema["properties"] = properties
    if required:
        schema["required"] = required
    return schema


def schemas_of(model: Any) -> tuple[str, dict[str, Any]]:
    """Return the name of a model, and its schema and those that it refers to.

    Args:
        model: A dataclass, a `TypedDict`, a pydantic model, or another type
            that pydantic knows.

    Raises:
        InitializationFailure: pydantic cannot describe it.
    """
    name = getattr(model, "__name__", str(model))
    # sanic-ext needs pydantic, and does not run without it
    pydantic: Any = import_module("pydantic")
    try:
        schema = pydantic.TypeAdapter(_supported(model)).json_schema(
            ref_template=f"#/components/schemas/{name}.{{model}}"
        )
    except Exception as exc:  # pydantic raises many kinds
        raise InitializationFailure(
            f"login_body = {name} cannot be described. Use a dataclass, a "
            f"TypedDict or a pydantic model. pydantic says: {exc}"
        ) from exc
    schemas = {name: schema}
    for key, definition in schema.pop("$defs", {}).items():
        schemas[f"{name}.{key}"] = definition
    return name, {key: _convert(value) for key, value in schemas.items()}


def _supported(model: Any) -> Any:
    """Return a `TypedDict` as that of typing_extensions.

    Before Python 3.12, pydantic refuses that of `typing`.
    """
    if not is_typeddict(model):
        return model
    fields = {}
    for field, hint in get_type_hints(model, include_extras=True).items():
        required = field in model.__required_keys__
        origin: Any = get_origin(hint)
        if origin in (Required, NotRequired):
            fields[field] = hint
        else:
            fields[field] = (Required if required else NotRequired)[hint]
    return TypedDict(model.__name__, fields)  # type: ignore[operator]


def _convert(schema: Any) -> Any:
    """Return a JSON Schema as a schema of OpenAPI 3.0.

    There, null is no type, a limit is exclusive by a flag, and other keywords
    are not allowed.
    """
    if isinstance(schema, list):
        return [_convert(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    converted = {
        key: {n: _convert(s) for n, s in value.items()}
        if key == "properties"
        else value
        if key in ("default", "enum", "example", "required")
        else _convert(value)
        for key, value in schema.items()
        if key in _KEYWORDS
    }
    for limit in ("Maximum", "Minimum"):
        bound = converted.get(f"exclusive{limit}")
        if bound is not None:
            converted[limit.lower()] = bound
            converted[f"exclusive{limit}"] = True
    if isinstance(schema.get("examples"), list):
        converted["example"] = schema["examples"][0]
    if "const" in schema:
        converted["enum"] = [schema["const"]]
    if schema.get("type") == "array":
        converted.setdefault("items", {})
    if schema == _NULL:
        return {"nullable": True}
    if _NULL in schema.get("anyOf", ()):
        others = [s for s in converted.pop("anyOf") if s != {"nullable": True}]
        if len(others) == 1 and "$ref" not in others[0]:
            converted = {**others[0], **converted}
        else:
            converted["anyOf"] = others
        converted["nullable"] = True
    return converted
