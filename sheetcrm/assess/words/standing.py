"""Where a customer stands among the tiers, in one plain sentence without arithmetic (practice §4.4). Pure."""

from __future__ import annotations

from sheetcrm.assess.words.explanation import say_distance
from sheetcrm.model import Assessment
from sheetcrm.policy.model import Policy


def say_standing(entry: Assessment, policy: Policy) -> str:
    """Say what is short of the next tier; of the highest, and of tiers that go by no score, what decided."""
    score = entry.score
    if entry.override:
        return f"人工调整为{entry.grade}（理由：{entry.override.reason}）"
    if score.total is None:
        return f"缺少{'、'.join(score.missing)}，暂不评分" if score.missing else f"资料不足，{entry.grade}"
    if not policy.by_score:
        decided = next((one for one in entry.classes if one.name == policy.scoring.decided_by), None)
        return f"按{policy.scoring.decided_by}分级：{decided.outcome if decided else entry.grade}"
    if policy.scoring.quota:
        return f"总分{score.total}，按名额列入{entry.grade}"
    better = [tier for tier in policy.tiers if tier.floor is not None and tier.floor > score.total]
    distance = f"，{say_distance(score, entry.measures, policy, better[-1])}" if better else "，已在最高等级"
    return f"总分{score.total}{distance}"
