"""The vocabulary in which a record declares its columns: kind, need, privacy, and what fills our own."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, cast

from sheetcrm.model.edits import CellStyle, WrittenValue

if TYPE_CHECKING:  # assessments are made of records, which are declared with this
    from datetime import date

    from sheetcrm.model.records import ScoringRow
    from sheetcrm.model.results import Period


class Kind(enum.Enum):
    """What a field's cells hold, and so which reader of `sheetcrm.text` takes them."""

    KEY = "编号"
    TEXT = "文字"
    CHOICE = "选项"
    PERSONAL = "个人信息"
    CREDIT_CODE = "统一社会信用代码"
    DATE = "日期"
    MONTH_DAY = "月日"
    DATETIME = "日期时间"
    MONEY = "金额"
    FREQUENCY = "频次"
    RECENCY = "日期或天数"
    RATE = "比率"
    LEVEL = "高低"
    RANGE = "范围"
    COUNT = "次数"
    NUMBER = "数值"
    YES_NO = "是否"


class Need(enum.Enum):
    """What a missing value is: nothing, worth a warning at filing, or an error that sets the row aside."""

    OPTIONAL = "选填"
    FILING = "建档必填"
    REQUIRED = "必填"


class Privacy(enum.Enum):
    """The class of personal data a column holds (practice §11)."""

    NONE = "非个人信息"
    ORDINARY = "普通信息"
    SENSITIVE = "敏感信息"


class Keep(enum.Enum):
    """What a fill returns for a cell that is to stay as it is, however it is written."""

    KEEP = 0


class RunDates(Protocol):
    """What a fill may ask of a run."""

    @property
    def period(self) -> Period:
        """The period the run is of."""
        ...

    @property
    def as_of(self) -> date:
        """The day the run looks back from."""
        ...

    def graded_on(self, row: ScoringRow | None) -> date:
        """Return the day a grading of the row counts from."""
        ...


FillFunction: TypeAlias = Callable[[Any, RunDates], WrittenValue | Keep]
"""What fills a row (an `Assessment`; on a follow-up its `Undertaking`) and the run -> the cell's value."""

_NO_KIND = cast("Kind", None)
"""A field without a kind can be made, so that `schema` can say which one it is when it refuses it."""

_STYLES = {
    Kind.NUMBER: CellStyle.SCORE,
    Kind.RATE: CellStyle.PERCENT,
    Kind.COUNT: CellStyle.INTEGER,
    Kind.DATE: CellStyle.DATE,
}


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a sheet (or one row of a card).

    `aliases` are headers that are read as this field at once; `guesses` those that may well be it and may be something
    else (购买次数 may be of a lifetime): they are proposed, and read only after a person said so (practice §1.6).

    `unit` is that of the cells where the header names none: 小时 of 30小时.

    `choices` is the drop-down (a value outside it is a remark), `older` maps words of earlier templates to
    today's, `example` goes into blank templates. `in_templates` is False for what is read where a sheet has
    it and offered by no blank template.

    `fills` makes it one of the program's own columns (practice §9): a path from what fills the row, such as
    `score.total`, or a function. `colours` are those (RRGGBB) of its values where the column is added,
    `tiers` the ones the policy gives its tiers.
    A column with `tier_moves` is added only under policies whose tiers move so, one that is `where_filled`
    only where a row has a value for it. One that is `folded` is of a lower rank: it is added in a collapsed group;
    what people look for first is always `shown`.

    `name` is the attribute and `in_record` whether the record holds it: both are set by `schema`.
    """

    label: str = ""
    kind: Kind = _NO_KIND
    aliases: tuple[str, ...] = ()
    unit: str | None = field(default=None, kw_only=True)
    guesses: tuple[str, ...] = field(default=(), kw_only=True)
    need: Need = Need.OPTIONAL
    choices: tuple[str, ...] = ()
    older: Mapping[str, str] | None = None
    privacy: Privacy = Privacy.NONE
    example: str = ""
    note: str = ""
    width: int = 14
    in_templates: bool = True
    fills: str | FillFunction | None = None
    colours: Mapping[str, str] | Literal["tiers"] | None = None
    tier_moves: str = ""
    where_filled: bool = False
    folded: bool = False
    shown: bool = False
    name: str = ""
    in_record: bool = True

    @property
    def ours(self) -> bool:
        """The column is the program's own."""
        return self.fills is not None

    @property
    def style(self) -> CellStyle:
        """The number format of a written column whose cells have none of their own."""
        return _STYLES.get(self.kind, CellStyle.TEXT)
