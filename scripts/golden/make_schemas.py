"""Writes tests/golden/pydantic_schemas.json: models as JSON schemas, and what they dump, both as pydantic writes them.

    python scripts/golden/make_schemas.py

Run by hand; needs pydantic 2. Each entry has a name, a schema, and values of the model as JSON.
"""

from __future__ import annotations

import datetime
import ipaddress
import json
import uuid
from decimal import Decimal
from enum import Enum, StrEnum
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

FILE = Path(__file__).resolve().parents[2] / "tests" / "golden" / "pydantic_schemas.json"
NOON = datetime.datetime(2026, 2, 28, 12, 30, 5, tzinfo=datetime.UTC)
T = TypeVar("T")


class Color(StrEnum):
    red = "red"
    dark_blue = "dark blue"


class Priority(int, Enum):
    low = 1
    high = 10


class Point(BaseModel):
    """Two numbers."""

    x: float = Field(description="to the right", examples=[1.5])
    y: float = 0.0


class Annotated_(BaseModel):
    """Everything that says nothing of the value."""

    model_config = ConfigDict(title="Annotations", json_schema_extra={"x-order": 3, "readOnly": True})
    old: int = Field(1, deprecated=True, examples=[1, 2])
    marked: str = Field("a", json_schema_extra={"writeOnly": True, "$comment": "none", "x-widget": "text"})


class Bounded(BaseModel):
    age: int = Field(ge=0, le=130)
    share: float = Field(gt=0, lt=1)
    even: int = Field(multiple_of=2, ge=-10, le=10)
    cents: float = Field(ge=0, le=100, multiple_of=0.25)


class Texts(BaseModel):
    name: str = Field(min_length=1, max_length=20)
    code: str = Field(pattern=r"^[A-Z]{2}-\d{3,5}$")
    slug: Annotated[str, Field(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=12)]
    note: Annotated[str, Field(max_length=5)] | None = None


class Formats(BaseModel):
    day: datetime.date
    at: datetime.datetime
    clock: datetime.time
    takes: datetime.timedelta
    key: uuid.UUID
    host: ipaddress.IPv4Address
    host6: ipaddress.IPv6Address


class Collections(BaseModel):
    pair: tuple[int, str]
    tags: set[str]
    flags: set[Color]
    numbers: list[int] = Field(min_length=1, max_length=3)
    many: tuple[bool, ...] = ()
    frozen: frozenset[Literal["a", "b", 3]] = frozenset()


class Node(BaseModel):
    value: int
    children: list[Node] = []


class Linked(BaseModel):
    name: str
    next: Linked | None = None


class Operation(BaseModel):
    kind: Literal["operation"]
    left: Expression
    right: Expression


class Number(BaseModel):
    kind: Literal["number"]
    value: float


class Expression(BaseModel):
    root: Annotated[Operation | Number, Field(discriminator="kind")]


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: int


class Dog(BaseModel):
    kind: Literal["dog", "hound"] = "dog"
    good: bool = True


class Pets(BaseModel):
    pets: list[Annotated[Cat | Dog, Field(discriminator="kind")]]


class Anything(BaseModel):
    value: Any
    extra: dict[str, Any] = {}
    things: list[Any] = []


class Maps(BaseModel):
    counts: dict[str, int]
    nested: dict[str, list[Point]] = {}
    by_color: dict[Color, bool] = {}


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    name: str


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")
    color: Color
    priority: Priority = Priority.low
    only: Literal["one"] = "one"
    nothing: None = None


class Base(BaseModel):
    id: int


class Derived(Base):
    mixed: int | str | list[int] | None = None
    point: Point = Point(x=1.0)


class Envelope(BaseModel, Generic[T]):
    data: T
    errors: list[str] | None = None


class Money(BaseModel):
    amount: Decimal
    currency: str = Field(pattern="^[A-Z]{3}$", default="EUR")


class Secret(BaseModel):
    content: bytes
    ratio: Annotated[float, Field(strict=True)] = 0.5


for _model in (Node, Linked, Operation, Expression):
    _model.model_rebuild()

VALUES: list[Any] = [
    Point(x=1.5, y=-2), Annotated_(old=3), Bounded(age=42, share=0.25, even=-4, cents=99.75),
    Texts(name="Ünïcode ☂", code="AB-1234", slug="a-b2", note=None),
    Formats(day=NOON.date(), at=NOON, clock=NOON.timetz(), takes=datetime.timedelta(days=1, minutes=3),
            key=uuid.UUID(int=5), host=ipaddress.IPv4Address("10.0.0.255"), host6=ipaddress.IPv6Address("2001:db8::1")),
    Collections(pair=(1, "b"), tags={"x"}, flags={Color.dark_blue}, numbers=[1, 2], many=(True, False)),
    Node(value=1, children=[Node(value=2, children=[Node(value=3)]), Node(value=4)]),
    Linked(name="a", next=Linked(name="b")),
    Expression(root=Operation(kind="operation", left=Expression(root=Number(kind="number", value=1)),
                              right=Expression(root=Number(kind="number", value=2.5)))),
    Pets(pets=[Cat(lives=9), Dog(kind="hound")]),
    Anything(value={"a": [1, None]}, extra={"b": "c", "d": {}}, things=[True, "x", [2]]),
    Maps(counts={"a": 1, "b b": 2}, nested={"p": [Point(x=0)]}, by_color={Color.red: True}),
    Open(name="n", more=[1], other="o"), Closed(color=Color.red), Derived(id=7, mixed=[1, 2]),
    Envelope[Point](data=Point(x=3)), Envelope[list[Color]](data=[Color.red], errors=["no"]),
    Money(amount=Decimal("12.50")), Secret(content=b"abc"),
]  # fmt: skip


def main() -> None:
    """Write the file."""
    entries = []
    for value in VALUES:
        written = json.loads(value.model_dump_json())
        entries.append({"name": type(value).__name__, "schema": type(value).model_json_schema(), "values": [written]})
    for name, kind, values in (
        ("list of points", list[Point], [[Point(x=1)]]),
        ("union", int | Literal["none"], [3, "none"]),
    ):
        adapter: TypeAdapter[Any] = TypeAdapter(kind)
        dumped = [json.loads(adapter.dump_json(value)) for value in values]
        entries.append({"name": name, "schema": adapter.json_schema(), "values": dumped})
    FILE.write_text(json.dumps(entries, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
