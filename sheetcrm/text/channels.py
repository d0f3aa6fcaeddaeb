"""The ways of contact as people write them in 跟进方式 (practice §8). Pure."""

from __future__ import annotations

from functools import lru_cache

from sheetcrm.text.folding import fold

SPELLINGS = {
    "电话": ("致电", "去电", "来电", "通话", "座机", "手机"),
    "拜访": ("上门", "走访", "面谈", "到访", "登门", "面访", "当面", "见面"),
    "邮件": ("邮箱", "email", "e-mail", "mail"),
    "视频会议": (
        "视频",
        "腾讯会议",
        "线上会议",
        "在线会议",
        "网络会议",
        "云会议",
        "钉钉会议",
        "飞书会议",
        "zoom",
        "teams",
    ),
    "微信": ("企微", "wechat"),
    "短信": ("短讯", "sms"),
    "社交媒体": ("微博", "抖音", "小红书", "公众号"),
    "在线客服": ("客服",),
    "APP": ("小程序",),
    "活动": ("展会", "沙龙", "研讨会", "工作坊", "工坊", "培训"),
}
"""Each way of contact, and the other words that mean it."""

_FOLDED = tuple((channel, tuple(map(fold, (channel, *words)))) for channel, words in SPELLINGS.items())


@lru_cache(maxsize=1 << 12)
def read_channels(text: str) -> frozenset[str]:
    """Return the ways of contact that a 跟进方式 names, by synonym too: both of `电话+微信`.

    Words that name none stand for themselves, so that a team's own way of contact can be asked for.
    """
    folded = fold(text)
    channels = frozenset(channel for channel, words in _FOLDED if any(word in folded for word in words))
    return channels or frozenset({text.strip()})
