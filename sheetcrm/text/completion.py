"""Whether a record says that what was promised is done, or is not (practice §8). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from sheetcrm.text.folding import simplify

DONE_WORDS = ("已", "完成", "发送", "发出", "提交", "寄出", "送出", "送达", "交付", "签收", "办妥", "落实", "到位")
"""A clause with one of these, and a word of the promise, says that it is done."""
NOT_DONE_WORDS = ("未", "没", "尚未", "还没", "催", "进行中", "待办")
"""A record with one of these says that something is not."""
PUT_OFF_WORDS = ("延期", "推迟", "改期", "顺延", "延后", "暂缓")
"""A record with one of these puts a promise off."""
DROPPED_WORDS = ("取消", "作废")
"""What 完成情况 says of a promise nobody has to keep any more."""
HARMLESS = ("没问题", "没有问题", "没意见", "没有意见", "没异议", "没有异议", "未来", "催化", "没错")
"""Words that only look like a denial."""
GENERIC = [
    "客户",
    "对方",
    "我们",
    "我方",
    "公司",
    "提供",
    "发送",
    "提交",
    "安排",
    "确认",
    "进行",
    "完成",
    "继续",
    "再次",
    "尽快",
    "联系",
    "沟通",
    "跟进",
    "反馈",
    "相关",
    "需要",
    "一下",
    "之前",
    "以前",
    "日前",
    "工作日",
    "之内",
    "以内",
    "准备",
    "给出",
    "寄送",
]
"""Words of any promise: two texts that share only these need not speak of the same thing."""

_GENERIC = re.compile("|".join(GENERIC))
_HARMLESS = re.compile("|".join(HARMLESS))
_DONE = re.compile("|".join(DONE_WORDS))
_NOT_DONE = re.compile("|".join(NOT_DONE_WORDS))
_OPEN = re.compile("|".join((*NOT_DONE_WORDS, *PUT_OFF_WORDS)))
_UNDONE = re.compile(
    "(?:未|没有?)(?:能|来得及|及时)?(?:完成|做|办|发|寄|送|提交|交付|落实|到位|给|回复|答复|安排|提供|兑现)|还没[好行]?$|尚未$|催"
)
_CLAUSE = re.compile(r"[，。；！？,;!?\n\r]")
_HAN = re.compile(r"[\u3400-\u9fff]{2,}")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class Statement:
    """What a text says of promises, by the words of its clauses: some things are done, others are not.

    `undone` tells that it denies that anything was done, whatever was promised: `还没发`.
    """

    done: tuple[frozenset[str], ...] = ()
    undone: bool = False
    open: tuple[frozenset[str], ...] = ()

    def reports_done(self, promised: frozenset[str]) -> bool:
        """Return whether a clause shares a word with a promise and says that it is done: `报价单已发送`."""
        return bool(self.done) and any(not promised.isdisjoint(words) for words in self.done)

    def reports_undone(self, promised: frozenset[str]) -> bool:
        """Return whether it says that what was promised is not done yet, is asked for, or is put off.

        It speaks of the promise where it shares a word with it: `没有考虑竞品` and `采购推迟` do not.
        """
        return self.undone or (bool(self.open) and any(not promised.isdisjoint(words) for words in self.open))


_NOTHING = Statement()


@lru_cache(maxsize=1 << 14)
def state(text: str) -> Statement:
    """Read what a text says is done, and what is not."""
    simple = simplify(text)
    done, pending = bool(_DONE.search(simple)), bool(_OPEN.search(simple))
    if not (done or pending):
        return _NOTHING
    clauses = _CLAUSE.split(simple)
    return Statement(
        done=tuple(words_of(one) for one in clauses if _DONE.search(one) and not _denies(one)) if done else (),
        undone=pending and any(_UNDONE.search(one) for one in clauses),
        open=tuple(words_of(one) for one in clauses if _is_open(one)) if pending else (),
    )


def is_open(outcome: str) -> bool:
    """Return whether 完成情况 says that a promise is not done yet."""
    return _is_open(simplify(outcome))


@lru_cache(maxsize=1 << 14)
def words_of(text: str) -> frozenset[str]:
    """Return the pairs of characters and the Latin words a text has, without generic ones."""
    plain = _GENERIC.sub(" ", simplify(text))
    pairs = {run[at : at + 2] for run in _HAN.findall(plain) for at in range(len(run) - 1)}
    return frozenset(pairs | {word.lower() for word in _LATIN.findall(plain)})


def _denies(text: str) -> bool:
    return bool(_NOT_DONE.search(_HARMLESS.sub(" ", text)))


def _is_open(text: str) -> bool:
    return bool(_OPEN.search(_HARMLESS.sub(" ", text)))


def is_dropped(outcome: str) -> bool:
    """Return whether 完成情况 says that nobody has to keep a promise any more."""
    return any(word in outcome for word in DROPPED_WORDS)
