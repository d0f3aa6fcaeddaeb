"""The examples below the help of every command, as they can be typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

EXAMPLES: Mapping[str, Sequence[str]] = {
    "": ("sheetcrm init --sample 演示", "sheetcrm run 演示 -o 结果 --period 2026-10", "sheetcrm doctor"),
    "run": (
        "sheetcrm run input -o output",
        "sheetcrm run input -o output --period 2026年10月",
        "sheetcrm run 客户台账.xlsx 跟进记录.xlsx --dry-run",
        "sheetcrm run input --policy 策略.xlsx --in-place",
    ),
    "open": ("sheetcrm open", "sheetcrm open input"),
    "batch": ("sheetcrm batch 各分部 -o 结果", "sheetcrm batch 各分部 -o 结果 --period 2026-10"),
    "packs": (
        "sheetcrm packs input -o output",
        "sheetcrm packs input --only 告知函 --customer C2024001",
        "sheetcrm packs input --only 交接包 --owner 陈思远 --unmask --purpose 交接客户",
    ),
    "share": (
        "sheetcrm share input --for 陈思远 --scope 业务员 --to 陈思远 --purpose 月度跟进 --until 2027-01-31",
        "sheetcrm share input --for 刘建 --scope 经理 --department 装备部 --to 王总 --purpose 评审 --until 2027-01-31",
    ),
    "check": ("sheetcrm check input", "sheetcrm check input --marked 检查副本", "sheetcrm check 客户台账.xlsx --json"),
    "map": ("sheetcrm map input", "sheetcrm map 旧台账.xlsx -o 对照"),
    "explain": (
        "sheetcrm explain C2024001 input",
        "sheetcrm explain 恒远科技 input --period 10月",
        "sheetcrm explain c2024001 input --json",
    ),
    "whatif": (
        "sheetcrm whatif input --set 评分卡.行业潜力.权重=25",
        "sheetcrm whatif input --preset 价值",
        "sheetcrm whatif input --policy 新策略.xlsx",
    ),
    "policy": ("sheetcrm policy export 策略.xlsx", "sheetcrm policy check 策略.xlsx"),
    "policy export": ("sheetcrm policy export 策略.xlsx", "sheetcrm policy export 价值.xlsx --preset 价值"),
    "policy check": ("sheetcrm policy check 策略.xlsx",),
    "init": ("sheetcrm init 模板", "sheetcrm init --sample 演示"),
    "history": (
        "sheetcrm history -o output",
        "sheetcrm history C2024001 -o output",
        "sheetcrm history --verify",
        "sheetcrm history --disclosures --csv 清单.csv",
    ),
    "config": ("sheetcrm config", "sheetcrm config input --json"),
    "restore": (
        "sheetcrm restore input",
        "sheetcrm restore 客户台账.xlsx --latest",
        "sheetcrm restore --from 备份.age --into 恢复 --identity 密钥.txt",
    ),
    "backup": (
        "sheetcrm backup --new-key 密钥.txt",
        "sheetcrm backup input -o output --recipient age1…",
        "sheetcrm backup --verify 备份.age --identity 密钥.txt",
    ),
    "forget": ("sheetcrm forget C2024001 -o output --reason 客户要求",),
    "doctor": ("sheetcrm doctor", "sheetcrm doctor input -o output", "sheetcrm doctor --json"),
    "completion": ("sheetcrm completion powershell >> $PROFILE", "sheetcrm completion bash"),
}
"""By the command's name behind `sheetcrm`; a command that is not there yet does no harm."""


def epilog(name: str) -> str | None:
    """Return the examples of a command as click lays them out below its help; None where it has none."""
    lines = EXAMPLES.get(name, ())
    return "\n".join(("\b", "例如：", *(f"  {line}" for line in lines))) if lines else None
