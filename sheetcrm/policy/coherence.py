"""What must agree between the parts of a policy, each fault with the key it is at.

Names refer to names that exist, every tier can be reached, every rule's measure is known when it is asked
for. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise

from sheetcrm import schema
from sheetcrm.model import Standing
from sheetcrm.policy import glossary, roles, tables
from sheetcrm.policy.cadence import ALL, BY_CHANNEL, INTENT, PROMISED
from sheetcrm.policy.conditions import compile_condition
from sheetcrm.policy.glossary import Stage, Term, TermKind
from sheetcrm.policy.model import BY_SCORE, COMPETITOR, COMPLEX, Policy
from sheetcrm.policy.scorecard import Scorecard
from sheetcrm.policy.tables import UNCLASSIFIED, DecisionTable, OutcomeRule
from sheetcrm.text.channels import SPELLINGS
from sheetcrm.text.folding import fold

Location = tuple[int | str, ...]
"""The way to a key from the top of the policy: `("tiers", 0, "floor")`."""
Fault = tuple[Location, str]

_NAMES = {
    "churn": ("流失迹象", "first"),
    "health": ("健康度", "first"),
    "tier_rules": ("等级规则", "collect"),
    "alerts": ("预警", "collect"),
}
_COLOURS = frozenset({"红", "黄", "绿", "无数据"})


def faults(policy: Policy) -> Iterator[Fault]:
    """Find everything that does not hold together."""
    yield from _scoring(policy)
    yield from _tiers(policy)
    yield from _promises(policy)
    yield from _scorecards(policy)
    yield from _tables(policy)
    yield from _roles(policy)
    yield from _labels(policy)
    yield from _mapping(policy)
    yield from _privacy(policy)
    for name in (COMPETITOR, COMPLEX):
        if name not in policy.signals.words:
            yield ("signals", "words"), f"要有信号“{name}”，程序按它判断（词可以自己定）"


def remarks(policy: Policy) -> Iterator[Fault]:
    """Find what may be meant, and is worth a second look."""
    channels = {*schema.FOLLOW_UPS.field("channel").choices, *SPELLINGS}
    for at, card in enumerate(policy.scorecards):
        if card.weight_total != policy.reading.card_weight_total:
            yield (
                ("scorecards", at, "name"),
                f"评分卡“{card.name}”的权重合计是 {card.weight_total}，按比例折算",
            )
    shares = [tier.share for tier in policy.tiers if tier.share is not None]
    total = sum(shares, Decimal(0))
    if shares and total != 1:
        yield ("tiers", 0, "share"), f"各等级的参考占比合计是 {(total * 100).normalize():f}%，不是 100%"
    for index, entry in enumerate(policy.cadence):
        for channel in entry.channels:
            if channel not in channels:
                yield ("cadence", index, "channels"), f"跟进方式“{channel}”不在跟进记录表的选项里"


def outcomes(table: DecisionTable[OutcomeRule]) -> tuple[str, ...]:
    """List what a table may answer, in its order. Pure."""
    rest = [table.default or UNCLASSIFIED, *([UNCLASSIFIED] if table.known else [])]
    return tuple(dict.fromkeys([*(rule.outcome for rule in table.rules), *rest]))


def labels(policy: Policy) -> tuple[str, ...]:
    """List every label a customer may carry: tiers, outcomes, standings, 合作意向, and 全部. Pure."""
    named = [*(tier.name for tier in policy.tiers), *(entry.value for entry in Standing)]
    intents = [f"{INTENT}{level}" for level in schema.PROFILE.field("intent").choices]
    return tuple(dict.fromkeys([*named, *(one for table in policy.classes for one in outcomes(table)), *intents, ALL]))


def terms(policy: Policy) -> Mapping[str, Term]:
    """List every measure of this policy: the glossary's, and its own classifications'. Pure."""
    named_terms = dict(glossary.TERMS)
    named_terms["tier"] = Term(
        named_terms["tier"].label, TermKind.WORD, frozenset(tier.name for tier in policy.tiers), Stage.CLASSIFIED
    )
    for table in policy.classes:
        named_terms |= _answers(table)
    return named_terms


def _mapping(policy: Policy) -> Iterator[Fault]:
    """Check what headers and words were confirmed to stand for: each for one field, each field for one of a sheet."""
    choices = {fold(label) for label in (schema.UNUSED, *schema.mappable_labels())}
    rows = [(at, one) for at, one in enumerate(policy.headers) if one.confirmed]
    for at, one in rows:
        if fold(one.ours) not in choices:
            yield ("headers", at, "ours"), f"本模板没有“{one.ours}”这个字段" if one.ours else "已经确认，但没有选字段"
    headers = [(("headers", at, "header"), f"{fold(one.sheet)}.{fold(one.header)}") for at, one in rows]
    yield from _repeated("你的表头", headers)
    used = [(at, one) for at, one in rows if fold(one.ours) != fold(schema.UNUSED)]
    fields = [(("headers", at, "ours"), f"{fold(one.sheet)}.{fold(one.ours)}") for at, one in used]
    yield from _repeated("本模板的字段", fields)
    words = [
        (("words", at, "word"), f"{fold(one.sheet)}.{fold(one.header)}.{fold(one.word)}")
        for at, one in enumerate(policy.words)
        if one.confirmed
    ]
    yield from _repeated("你的写法", words)


def _answers(table: DecisionTable[OutcomeRule]) -> dict[str, Term]:
    by, codes = f"{table.name}{glossary.RULE_OF}", frozenset(rule.code for rule in table.rules)
    return {
        table.name: Term(table.name, TermKind.WORD, frozenset(outcomes(table)), Stage.SERVED),
        by: Term(glossary.label(by), TermKind.WORD, codes, Stage.SERVED),
    }


def _scoring(policy: Policy) -> Iterator[Fault]:
    rules = policy.scoring
    if rules.card not in {card.name for card in policy.scorecards}:
        yield ("scoring", "card"), f"没有名为“{rules.card}”的评分卡"
    if rules.unsold_served_as not in {tier.name for tier in policy.tiers}:
        yield ("scoring", "unsold_served_as"), f"“{rules.unsold_served_as}”不是等级"
    if not policy.by_score and rules.decided_by not in {table.name for table in policy.classes}:
        yield ("scoring", "decided_by"), f"“{rules.decided_by}”不是“{BY_SCORE}”，也不是分类的名称"
    if rules.quota and not policy.by_score:
        yield ("scoring", "quota"), f"按名额定级要由“{BY_SCORE}”决定等级"
    if rules.unsold_graded and policy.by_score:
        yield ("scoring", "unsold_graded"), "由得分决定等级时，未成交的客户没有分数，不能定级"


def _promises(policy: Policy) -> Iterator[Fault]:
    for at, promise in enumerate(policy.promises):
        for name in promise.applies:
            if policy.tier(name) is None:
                yield ("promises", at, "applies"), f"“{name}”不是等级"
    held = [
        (("promises", at, "figure"), f"{promise.figure}{name}")
        for at, promise in enumerate(policy.promises)
        for name in promise.applies or [tier.name for tier in policy.tiers]
    ]
    yield from _repeated("指标", held)


def _tiers(policy: Policy) -> Iterator[Fault]:
    yield from _repeated("等级名称", [(("tiers", at, "name"), tier.name) for at, tier in enumerate(policy.tiers)])
    for at, tier in enumerate(policy.tiers):
        if tier.name in {*(entry.value for entry in Standing), ALL}:
            yield ("tiers", at, "name"), f"等级不能叫“{tier.name}”，这个词另有意思"
        if policy.scoring.quota and tier.share is None:
            yield ("tiers", at, "share"), "按名额定级时，每个等级都要写参考占比"
    if policy.by_score:
        yield from _floors(policy)
    else:
        yield from _decided(policy)


def _floors(policy: Policy) -> Iterator[Fault]:
    for at, tier in enumerate(policy.tiers):
        if tier.floor is None:
            yield ("tiers", at, "floor"), "由得分决定等级时，每个等级都要写起点分"
    for at, (above, below) in enumerate(pairwise(policy.tiers), start=1):
        if above.floor is not None and below.floor is not None and below.floor >= above.floor:
            yield ("tiers", at, "floor"), f"等级要从高到低排列，{below.name}的起点分要小于{above.name}的 {above.floor}"
    if policy.tiers[-1].floor:
        yield ("tiers", len(policy.tiers) - 1, "floor"), "最后一级的起点分要是 0，否则低分的客户没有等级"


def _decided(policy: Policy) -> Iterator[Fault]:
    """Check the tiers against the classification that decides them."""
    table = next((entry for entry in policy.classes if entry.name == policy.scoring.decided_by), None)
    for at, tier in enumerate(policy.tiers):
        if tier.floor is not None:
            yield ("tiers", at, "floor"), f"等级由“{policy.scoring.decided_by}”决定，起点分不起作用，请留空"
        if table and tier.name not in outcomes(table):
            yield ("tiers", at, "name"), f"分类“{table.name}”没有“{tier.name}”这个结果，不会有客户到这一级"
    names = {tier.name for tier in policy.tiers}
    for index, entry in enumerate(policy.classes):
        for at, rule in enumerate(entry.rules):
            if entry is table and rule.outcome not in names:
                yield ("classes", index, "rules", at, "outcome"), f"等级由这个分类决定，而“{rule.outcome}”不是等级"


def _scorecards(policy: Policy) -> Iterator[Fault]:
    named = [(("scorecards", at, "name"), card.name) for at, card in enumerate(policy.scorecards)]
    yield from _repeated("评分卡", named)
    for at, card in enumerate(policy.scorecards):
        yield from _indicators(at, card)


def _indicators(at: int, card: Scorecard) -> Iterator[Fault]:
    columns = {field.name for field in schema.SCORING.fields if not field.ours}
    places: list[Location] = [("scorecards", at, "indicators", index) for index in range(len(card.indicators))]
    places += [("scorecards", at, "preferred", index) for index in range(len(card.preferred))]
    entries = list(zip(places, card.every, strict=True))
    yield from _repeated("指标", [((*place, "label"), entry.label) for place, entry in entries])
    yield from _replacing(at, card)
    for place, entry in entries:
        if entry.measure not in glossary.SCORED:
            yield (*place, "measure"), f"“{glossary.label(entry.measure)}”不是可以评分的指标"
        if entry.field not in columns:
            yield (*place, "field"), f"打分表没有“{entry.field}”这一列"
        if entry.word_measure is not None:
            term = glossary.TERMS.get(entry.word_measure)
            if term is None or term.kind is not TermKind.WORD or entry.word_measure not in _WORDED:
                yield (*place, "word_measure"), f"“{glossary.label(entry.word_measure)}”不是能评分的文字指标"
            else:
                for word in sorted(set(entry.words) - term.words):
                    allowed = "、".join(sorted(term.words))
                    yield (*place, "words", word, "[key]"), f"{term.label}没有“{word}”这个值，可以写{allowed}"


def _replacing(at: int, card: Scorecard) -> Iterator[Fault]:
    """Check the indicators that take another one's place: it exists, and weighs the same."""
    weights = {entry.label: entry.weight for entry in card.indicators}
    for index, entry in enumerate(card.preferred):
        place: Location = ("scorecards", at, "preferred", index)
        if entry.replaces not in weights:
            yield (*place, "replaces"), f"评分卡“{card.name}”没有指标“{entry.replaces or ''}”，请写它要代替哪一个"
        elif entry.weight != weights[entry.replaces]:
            yield (*place, "weight"), f"它代替“{entry.replaces}”，权重要一样：{weights[entry.replaces]}"
    for index, entry in enumerate(card.indicators):
        if entry.replaces:
            yield ("scorecards", at, "indicators", index, "replaces"), "要代替别的指标，请写在 preferred 里"


_WORDED = ("industry_level",)
"""The measures a scorecard may take a word from."""


def _tables(policy: Policy) -> Iterator[Fault]:
    every = terms(policy)
    own = {name for table in policy.classes for name in _answers(table)}
    measured = {name: term for name, term in every.items() if term.stage is Stage.MEASURED}
    yield from _table(("churn",), policy.churn, measured)
    hidden = set() if policy.by_score else {"tier", "standing"}
    allowed = {
        name: term for name, term in every.items() if term.stage <= Stage.CLASSIFIED and name not in hidden | own
    }
    yield from _repeated("分类", [(("classes", at, "name"), table.name) for at, table in enumerate(policy.classes)])
    for at, table in enumerate(policy.classes):
        yield from _table(("classes", at), table, allowed)
        if table.hit != "first":
            yield ("classes", at, "hit"), "分类只取第一条成立的规则（first）"
        allowed |= _answers(table)
    served = {name: term for name, term in every.items() if term.stage <= Stage.SERVED}
    yield from _table(("tier_rules",), policy.tier_rules, measured)
    yield from _table(("alerts",), policy.alerts, served)
    yield from _table(("health",), policy.health, every)
    named = ((key, getattr(policy, key)) for key in _NAMES)
    for key, table in named:
        if table.known:
            yield (key, "known"), "known 只用在分类里"
        if (table.name, table.hit) != _NAMES[key]:
            yield (key, "name"), f"name 和 hit 不能改，要写 {'、'.join(_NAMES[key])}"
    yield from _allowed("churn", policy.churn, tables.YES_NO)
    yield from _allowed("health", policy.health, _COLOURS)
    for at, entry in enumerate(policy.health_inputs):
        place: Location = ("health_inputs", at)
        if entry.measure not in served:
            yield (*place, "measure"), f"没有指标“{glossary.label(entry.measure)}”"
        elif why := tables.misfit(compile_condition(entry.bad), served[entry.measure]):
            yield (*place, "bad"), f"条件“{entry.bad}”不适合“{glossary.label(entry.measure)}”：{why}"


def _table(place: Location, table: DecisionTable[tables.RuleT], allowed: Mapping[str, Term]) -> Iterator[Fault]:
    for key, what in tables.faults(table, allowed):
        yield (*place, *key), f"“{table.name}”{what}"


def _allowed(key: str, table: DecisionTable[OutcomeRule], allowed: frozenset[str]) -> Iterator[Fault]:
    for index, rule in enumerate(table.rules):
        if rule.outcome not in allowed:
            yield (key, "rules", index, "outcome"), f"结果只能是{'、'.join(sorted(allowed))}"
    if table.default is not None and table.default not in allowed:
        yield (key, "default"), f"结果只能是{'、'.join(sorted(allowed))}"


def _roles(policy: Policy) -> Iterator[Fault]:
    """Check every role against the classifications: what it names must be there (practice §6)."""
    classes = {table.name: table for table in policy.classes}
    named = policy.roles.names
    for role in roles.TABLES:
        (name,) = named[role]
        if name and name not in classes:
            yield ("roles", role), f'没有分类“{name}”；请写它现在的名称，没有这样的分类就留空：{role} = ""'
    for role, of in roles.OUTCOMES.items():
        (name,) = named[of]
        if name in classes:
            yield from _role_outcomes(role, named[role], classes[name])
    yield from _contradictions(policy)
    for role in roles.LABELS:
        for name in getattr(policy.roles, role):
            if name not in classes and name not in roles.LABELLED:
                yield ("roles", role), f"没有分类“{name}”，标签里印不出；请在 {role} 里写它现在的名称，或去掉它"


def _role_outcomes(role: str, words: Sequence[str], table: DecisionTable[OutcomeRule]) -> Iterator[Fault]:
    for word in words:
        if word not in outcomes(table):
            yield ("roles", role), f'分类“{table.name}”没有“{word}”这个结果；请写它现在的名称：{role} = ["…"]'
    if not words and role not in _MAY_LACK:
        yield ("roles", role), f'至少要写“{table.name}”的一个结果：{role} = ["…"]'


_MAY_LACK = frozenset({"dormant", "prospect", "new", "developing"})
"""Roles that a classification may have no outcome for."""


def _contradictions(policy: Policy) -> Iterator[Fault]:
    """Find outcomes of one classification that have two roles."""
    seen: dict[tuple[str, str], str] = {}
    for role, of in roles.OUTCOMES.items():
        for word in getattr(policy.roles, role):
            other = seen.setdefault((of, word), role)
            if other != role:
                yield ("roles", role), f"“{word}”已写在 {other} 里，一个结果只能有一个角色"


def _labels(policy: Policy) -> Iterator[Fault]:
    possible = labels(policy)
    yield from _repeated(
        "跟进活动", [(("cadence", at, "activity"), one.activity) for at, one in enumerate(policy.cadence)]
    )
    for at, one in enumerate(policy.cadence):
        if one.counts == BY_CHANNEL and not one.channels:
            yield ("cadence", at, "channels"), f"“{one.activity}”按{BY_CHANNEL}算，至少要写一种跟进方式"
    applied: list[tuple[Location, Sequence[str]]] = [
        (("cadence", at, "applies"), entry.applies) for at, entry in enumerate(policy.cadence)
    ]
    applied += [(("cadence", at, "among"), entry.among) for at, entry in enumerate(policy.cadence)]
    applied += [
        (("cadence", at, "paces"), tuple(pace.of for pace in entry.paces)) for at, entry in enumerate(policy.cadence)
    ]
    applied += [(("followup", "exclusive"), policy.followup.exclusive)]
    applied += [(("regrading", at, "applies"), entry.applies) for at, entry in enumerate(policy.regrading)]
    for place, applies in applied:
        for name in applies:
            if name not in possible:
                yield place, f"没有“{name}”这个标签；可以写等级、分类的结果、评级状态，或“{ALL}”"
    yield from _escalation(policy, possible)
    if not any(ALL in entry.applies for entry in policy.regrading):
        yield ("regrading",), f"要有一行适用“{ALL}”，否则有的客户没有重评日期"


def _escalation(policy: Policy, possible: Sequence[str]) -> Iterator[Fault]:
    """Check who hears of what only in some cases (practice §8)."""
    step = policy.followup.limited_step
    if step and step not in {one.to for tier in policy.tiers for one in tier.escalation}:
        yield ("followup", "limited_step"), f"没有等级逾期上报给“{step}”"
    words = {*possible, *(one.activity for one in policy.cadence), *_COLOURS, PROMISED}
    for word in policy.followup.limited_to:
        if word not in words:
            yield ("followup", "limited_to"), f"“{word}”不是{PROMISED}、活动、等级、分类的结果或健康度的颜色"


def _repeated(what: str, named: Sequence[tuple[Location, str]]) -> Iterator[Fault]:
    seen = Counter(name for _place, name in named)
    earlier: set[str] = set()
    for place, name in named:
        if seen[name] > 1 and name in earlier:
            yield place, f"{what}有重复：“{name.strip('.')}”"
        earlier.add(name)


def _privacy(policy: Policy) -> Iterator[Fault]:
    labels = [field.label for field in schema.ON_CARDS_ALONE]
    for label in policy.privacy.sensitive:
        if label not in labels:
            yield ("privacy", "sensitive"), f"“{label}”不能列为敏感的列，可以写{'、'.join(labels)}"
