"""The page `docs/templates.md`: what each template is given, read off the values themselves."""

from __future__ import annotations

import inspect
from dataclasses import fields, is_dataclass
from types import GenericAlias, UnionType
from typing import Any, get_args, get_type_hints

from sheetcrm.model import FIGURES, Period
from sheetcrm.report.board.board_views import BoardPage, BranchesPage
from sheetcrm.report.packs.pack_views import (
    AuditPage,
    CustomerPage,
    HandbookPage,
    InsightPage,
    NoticePage,
    OwnerPage,
    ReferralPage,
    SamplePage,
)
from sheetcrm.report.pages.filters import FILTERS
from sheetcrm.report.pages.views import ExecutionPage, TierPage

PAGES = {
    "tier.html": TierPage,
    "execution.html": ExecutionPage,
    "board.html": BoardPage,
    "branches.html": BranchesPage,
    "pack_sample.html": SamplePage,
    "pack_notice.html": NoticePage,
    "pack_referrals.html": ReferralPage,
    "pack_insight.html": InsightPage,
    "pack_audit.html": AuditPage,
    "pack_follow_up.html": OwnerPage,
    "pack_handover.html": OwnerPage,
    "pack_letter.html": CustomerPage,
    "pack_card.html": CustomerPage,
    "pack_growth.html": CustomerPage,
    "pack_stage.html": CustomerPage,
    "pack_renewal.html": CustomerPage,
    "pack_improvement.html": CustomerPage,
    "pack_handbook.html": HandbookPage,
}
_HEAD = """# 报告模板

随程序提供的模板在 `templates/`。想换哪一页，就把那个文件复制到自己的文件夹里改，然后：

```
sheetcrm run input -o output --templates 我的模板
sheetcrm packs input -o output --only 告知函 --templates 我的模板
```

文件夹里同名的文件优先，其余仍用随程序提供的。常换的几个：

| 文件 | 换它可以 |
|---|---|
| `print.css`、`pack.css` | 改版式：字体、字号、页边距、页眉页脚（资料用 `print.css` 加 `pack.css`） |
| `_frame.html` | 改报告的封面和签字栏 |
| `pack_frame.html` | 改各种资料的抬头 |
| `pack_customer.html` | 改给客户看的资料（告知函、客户价值增长报告、阶段成果）的抬头和落款 |
| `pack_words.html` | 改告知函的开头语和 SOP 手册的话术，按等级；改各级风险方案的措施 |
| `pack_letter.html` | 改告知函 |
| `board.html`、`board.css`、`board.js` | 改看板 index.html；样式和脚本只能写在后两个文件里，浏览器不认别处的 |
| `screen.css` | 只改看板的颜色、字体；`board.css` 开头引用它 |
| `branches.html` | 改 batch 的各分部看板；它用 `board.css`，没有脚本 |

- 模板是 Jinja：自动转义，在沙箱里运行，读不到文件夹以外的文件、网络和程序的其他部分。文件夹里的 `.html`、`.css`、
  `.js`、`.svg` 都可以引用（`{% include "页眉.html" %}`），内容都计入校验号。图片写成 `<img src="data:…" alt="…">`。
- 写错的名称、样式是错误，不是空白：程序说出哪个文件第几行，什么也不写（退出码 2）。
- 指到文件夹以外的链接不读。一个文件最大 8 MB；一页要在 20 秒、640 MB 内存以内填完，最长 1600 万字，
  超过就停止并说出哪个文件。
- 每一页只得到一个值 `page`。下面列出它和它里面各个值的字段；没有数据的字段是 `None`，请印成“无数据”。
- 金额为元（Decimal），比率为 0 到 1 的小数（Decimal），日期为 date。报告没有任何字段含有联系方式；资料里的联系人和
  联系方式已经遮住，除非用了 `--unmask`。

这一页由 `make docs` 从程序生成，请不要手改。
"""


def templates_page() -> str:
    """Write the page."""
    lines = [_HEAD]
    seen: list[type[Any]] = []
    for template, page in PAGES.items():
        lines += [f"## `{template}`", "", f"`page` 是 [{page.__name__}](#{page.__name__.lower()})。", ""]
        _gather(page, seen)
    lines += ["## 各个值", ""]
    for kind in seen:
        lines += [f"### {kind.__name__}", "", *_said(kind), "", "| 字段 | 类型 |", "|---|---|"]
        lines += [f"| `{name}` | {_written(hint)} |" for name, hint in _members(kind)]
        lines.append("")
    lines += [
        "## 指标",
        "",
        "`group.figures[键]` 是一个 Figure。",
        "",
        "| 键 | 名称 | 单位 | 来源 | 怎么算 |",
        "|---|---|---|---|---|",
    ]
    lines += [f"| `{key}` | {kind.label} | {kind.unit} | {kind.source} | {kind.how} |" for key, kind in FIGURES.items()]
    lines += ["", "## 过滤器", "", "除 Jinja 自带的以外：", "", "| 过滤器 | 用途 |", "|---|---|"]
    lines += [f"| `{name}` | {_first_line(found)} |" for name, found in sorted(FILTERS.items())]
    return "\n".join(lines) + "\n"


def _gather(kind: type[Any], seen: list[type[Any]]) -> None:
    """List a kind of value and those inside it, outside in."""
    if kind in seen:
        return
    seen.append(kind)
    for _, hint in _members(kind):
        for inner in _inside(hint):
            _gather(inner, seen)


def _members(kind: type[Any]) -> list[tuple[str, Any]]:
    """Give the fields of a kind of value and its properties, with their types."""
    hints = get_type_hints(kind)
    found = [(field.name, hints[field.name]) for field in fields(kind)]
    for name, value in vars(kind).items():
        if isinstance(value, property) and value.fget and not name.startswith("_"):
            found.append((name, get_type_hints(value.fget)["return"]))
    return found


def _inside(hint: Any) -> list[type[Any]]:  # noqa: ANN401  (any type)
    if isinstance(hint, type) and not isinstance(hint, GenericAlias):
        places = (
            "sheetcrm.report.pages.views",
            "sheetcrm.report.pages.chart_views",
            "sheetcrm.report.pages.list_views",
            "sheetcrm.report.packs.pack_views",
            "sheetcrm.report.board.board_views",
            "sheetcrm.model.branches",
            "sheetcrm.model.figures",
            "sheetcrm.model.lists",
        )
        ours = hint is Period or (is_dataclass(hint) and hint.__module__ in places)
        return [hint] if ours else []
    return [kind for part in get_args(hint) for kind in _inside(part)]


def _written(hint: Any) -> str:  # noqa: ANN401  (any type)
    """Write a type: `Decimal 或 None`, `若干 RosterRow`."""
    if isinstance(hint, UnionType):
        return " 或 ".join(_written(part) for part in get_args(hint))
    parts = get_args(hint)
    if hint in {None, type(None)}:
        return "None"
    if parts and parts[-1] is Ellipsis:
        return f"若干 {_written(parts[0])}"
    if parts and "Mapping" in str(hint):
        return f"{_written(parts[0])} → {_written(parts[1])}"
    if parts:
        return f"（{'，'.join(_written(part) for part in parts)}）"
    return f"`{getattr(hint, '__name__', hint)}`"


def _said(kind: type[Any]) -> list[str]:
    return inspect.cleandoc(kind.__doc__ or "").splitlines()


def _first_line(found: Any) -> str:  # noqa: ANN401  (any function)
    return inspect.cleandoc(found.__doc__ or "").splitlines()[0]
