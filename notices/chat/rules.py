"""How alerts are worded and put together into one message: pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from notices.chat.states import AlertKind
from notices.states import Language
from notices.texts import one_line

SHOWN = 10
"""Lines of one message; what is more is counted."""


@dataclass(frozen=True, slots=True)
class Alert:
    kind: AlertKind
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Message:
    title: str
    body: str


_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
LINES: dict[Language, dict[AlertKind, str]] = {
    Language.EN: {
        AlertKind.CHANNEL_OPENED: "This channel is told of {topics} from now on.",
        AlertKind.APPROVAL_WAITS: "An approval waits for a second person: {kind} {resource}.",
        AlertKind.TRADING_STOPPED: "Trading was stopped ({mode}) for {scope} {target}: {reason}.",
        AlertKind.TRADING_GOES_ON: "Trading goes on ({mode}) for {scope} {target}: {reason}.",
        AlertKind.HEDGE_GAP: "The house holds {quantity} {asset} that it did not want: somebody has to trade it away.",
        AlertKind.HOUSE_POSITION: "A fill at {venue} found no customer: {side} {quantity} {symbol} at {price} is the house's.",
        AlertKind.FOREIGN_ORDER: "Somebody else placed order {order} on our account at {venue} ({symbol}).",
        AlertKind.BALANCE_LOW: "Too little {asset} at {venue}: {needed} needed, {usable} usable.",
        AlertKind.BREAK_TICKETED: "A break needs a person: {source} {reference} differs by {difference} {asset}.",
        AlertKind.BALANCE_REBUILT: "A balance did not say what its journal says and was made anew: account {account}.",
        AlertKind.ROUNDING_DRIFTS: "The rounding pool of {asset} moves one way only: {net} of {gross}.",
        AlertKind.TOKEN_REUSED: "A refresh token was used twice; its session was ended: account {principal}.",
        AlertKind.CODES_LOCKED: "Too many wrong codes: account {principal} takes none for a while.",
        AlertKind.API_KEY_MISUSED: "An API key was refused ({what}) from {address}: account {principal}.",
        AlertKind.PRICE_FROZEN: "No price of {asset} in {quote} can be believed since {since}: {loans} loans cannot be sold. Two people"
        " may enter a price or prolong this.",
        AlertKind.SALE_BEGUN: "Collateral is being sold ({cause}): {owed} {asset} owed on loan {loan}.",
        AlertKind.SALE_NOT_BEGUN: "Loan {loan} should be sold and cannot be ({reason}); it is tried again.",
        AlertKind.SALE_PAUSED: "The sale {liquidation} of loan {loan} stands still: {reason}.",
        AlertKind.BAD_DEBT: "A sale did not pay loan {loan}: insurance bears {insured} {asset}, the house lost {lost} {asset}.",
        AlertKind.EARN_PUBLISHED: "Template {name} ({asset}) was published as version {version}: it is sold from {begins} on.",
        AlertKind.EARN_RETIRED: "Version {version} of template {template} is retired: no more days are planned under it.",
        AlertKind.EARN_SALE_STOPPED: "The sale of {day} of template {template} was stopped.",
        AlertKind.PAYOUTS_STOPPED: "No payout of earn has come to its end since {since}: {rows} rows are due for more than a day.",
        AlertKind.PAYOUTS_LATE: "{rows} rows of earn are due since {since} and not paid, although payouts run.",
        AlertKind.PAYOUTS_REFUSED: "The ledger refuses {rows} rows of earn that are due since {since}: {reasons}.",
        AlertKind.DEPOSIT_HELD: "A deposit of {amount} {asset} on {network} is held ({reason}); two people let it go.",
        AlertKind.DEPOSIT_UNCLAIMED: "{amount} {asset} arrived on {network} and nobody knows whose they are ({reason}): {deposit}.",
        AlertKind.DEPOSIT_SPENT: "A deposit of {amount} {asset} on {network} was reversed and {missing} of it had been spent:"
        " the accounts of {customer} are frozen.",
        AlertKind.DEPOSIT_REFUND_HALTED: "The deposit {deposit} of {amount} {asset} on {network}, which goes back: {why} ({reason}).",
        AlertKind.BELOW_WARNING: "{asset} at {location} is low: {usable} usable, the warning line is {line}.",
        AlertKind.BELOW_CRITICAL: "CRITICAL: {asset} at {location}: {usable} usable, the critical line is {line}.",
        AlertKind.REPORT_STALE: "{location} has not said for too long what lies there: its balances are unknown.",
        AlertKind.ALERT_UNANSWERED: "Nobody has acknowledged for {minutes} minutes and more: {asset} at {location} is critical ({usable}).",
        AlertKind.ALERT_CLEARED: "{asset} at {location} is well again ({usable}).",
        AlertKind.TREASURY_DAY: "Treasury on {day}: {balances} balances, {differing} differ from the ledger; {alerts} alerts,"
        " {open} still open.",
        AlertKind.TRANSFER_LATE: "{amount} {asset} from {source} to {destination} takes three times as long as it should ({state} since"
        " {since}): transfer {transfer}.",
        AlertKind.TRANSFER_DIFFERS: "{left} {asset} left {source} and {arrived} came to {destination}: transfer {transfer} needs a person.",
        AlertKind.TRANSFER_ENDED: "{amount} {asset} from {source} will not come to {destination}: transfer {transfer} ended as {state}"
        " ({reason}).",
    },
    Language.ZH: {
        AlertKind.CHANNEL_OPENED: "本频道自现在起接收以下提醒：{topics}。",
        AlertKind.APPROVAL_WAITS: "有审批等待第二人处理：{kind} {resource}。",
        AlertKind.TRADING_STOPPED: "交易已停止（{mode}），范围 {scope} {target}：{reason}。",
        AlertKind.TRADING_GOES_ON: "交易已恢复（{mode}），范围 {scope} {target}：{reason}。",
        AlertKind.HEDGE_GAP: "平台意外持有 {quantity} {asset}，需要有人平掉。",
        AlertKind.HOUSE_POSITION: "{venue} 的一笔成交没有对应客户：{side} {quantity} {symbol}，价格 {price}，归平台所有。",
        AlertKind.FOREIGN_ORDER: "有人在我们于 {venue} 的账户上下了订单 {order}（{symbol}）。",
        AlertKind.BALANCE_LOW: "{venue} 的 {asset} 余额不足：需要 {needed}，可用 {usable}。",
        AlertKind.BREAK_TICKETED: "对账差异需要人工处理：{source} {reference} 相差 {difference} {asset}。",
        AlertKind.BALANCE_REBUILT: "账户 {account} 的余额与流水不符，已重新生成。",
        AlertKind.ROUNDING_DRIFTS: "{asset} 的资金池持续单向变动：净额 {net}，总额 {gross}。",
        AlertKind.TOKEN_REUSED: "刷新令牌被重复使用，会话已结束：账户 {principal}。",
        AlertKind.CODES_LOCKED: "验证码错误次数过多，账户 {principal} 暂不接受验证码。",
        AlertKind.API_KEY_MISUSED: "来自 {address} 的 API 密钥请求被拒绝（{what}）：账户 {principal}。",
        AlertKind.PRICE_FROZEN: "自 {since} 起 {asset}/{quote} 无可信价格，{loans} 笔借款无法平仓。可由两人录入价格或延长冻结。",
        AlertKind.SALE_BEGUN: "正在卖出抵押物（{cause}）：借款 {loan} 负债 {owed} {asset}。",
        AlertKind.SALE_NOT_BEGUN: "借款 {loan} 应平仓但无法开始（{reason}），系统会继续重试。",
        AlertKind.SALE_PAUSED: "借款 {loan} 的平仓 {liquidation} 已暂停：{reason}。",
        AlertKind.BAD_DEBT: "平仓未能还清借款 {loan}：保险池承担 {insured} {asset}，平台损失 {lost} {asset}。",
        AlertKind.EARN_PUBLISHED: "模板 {name}（{asset}）第 {version} 版已发布，自 {begins} 起发售。",
        AlertKind.EARN_RETIRED: "模板 {template} 第 {version} 版已停用，不再按其排期。",
        AlertKind.EARN_SALE_STOPPED: "模板 {template} 在 {day} 的发售已停止。",
        AlertKind.PAYOUTS_STOPPED: "自 {since} 起理财派息没有一次完成：{rows} 笔已逾期一天以上。",
        AlertKind.PAYOUTS_LATE: "理财派息仍在运行，但有 {rows} 笔自 {since} 起到期未付。",
        AlertKind.PAYOUTS_REFUSED: "账本拒绝支付 {rows} 笔自 {since} 起到期的理财款项：{reasons}。",
        AlertKind.DEPOSIT_HELD: "{network} 上的一笔充值 {amount} {asset} 已暂扣（{reason}），须两人放行。",
        AlertKind.DEPOSIT_UNCLAIMED: "{network} 上收到 {amount} {asset}，归属不明（{reason}）：{deposit}。",
        AlertKind.DEPOSIT_SPENT: "{network} 上的充值 {amount} {asset} 已回滚，其中 {missing} 已被使用：客户 {customer} 的账户已冻结。",
        AlertKind.DEPOSIT_REFUND_HALTED: "{network} 上退回中的充值 {deposit}（{amount} {asset}）：{why}（{reason}）。",
        AlertKind.BELOW_WARNING: "{location} 的 {asset} 偏低：可用 {usable}，预警线 {line}。",
        AlertKind.BELOW_CRITICAL: "严重：{location} 的 {asset} 可用 {usable}，已低于严重线 {line}。",
        AlertKind.REPORT_STALE: "{location} 长时间未报告余额，目前余额未知。",
        AlertKind.ALERT_UNANSWERED: "超过 {minutes} 分钟无人确认：{location} 的 {asset} 处于严重水平（{usable}）。",
        AlertKind.ALERT_CLEARED: "{location} 的 {asset} 已恢复正常（{usable}）。",
        AlertKind.TREASURY_DAY: "{day} 资金日报：{balances} 项余额，{differing} 项与账本不符；警报 {alerts} 项，{open} 项未解除。",
        AlertKind.TRANSFER_LATE: "从 {source} 至 {destination} 的 {amount} {asset} 已超过正常用时的三倍"
        "（自 {since} 起，状态 {state}）：调拨 {transfer}。",
        AlertKind.TRANSFER_DIFFERS: "{source} 转出 {left} {asset}，{destination} 到账 {arrived}：调拨 {transfer} 需要人工处理。",
        AlertKind.TRANSFER_ENDED: "从 {source} 转往 {destination} 的 {amount} {asset} 不会到账："
        "调拨 {transfer} 以 {state} 告终（{reason}）。",
    },
}
_TITLE = {Language.EN: "Rivermouth: {count}", Language.ZH: "Rivermouth：{count}"}
_COUNT = {Language.EN: ("one alert", "{n} alerts"), Language.ZH: ("1 条提醒", "{n} 条提醒")}
_MORE = {Language.EN: "… and {n} more; the console shows them all.", Language.ZH: "……另有 {n} 条，请在控制台查看。"}


def placeholders(text: str) -> frozenset[str]:
    return frozenset(_PLACEHOLDER.findall(text))


def word(alerts: Sequence[Alert], *, count: int, language: Language) -> Message:
    """One message of many alerts: the first of them in full, the rest by its number.

    Args:
        alerts: the first of them; more than are shown do not matter.
        count: how many there are.
    """
    one, many = _COUNT[language]
    lines = [_line(alert, language) for alert in alerts[:SHOWN]]
    if count > len(lines):
        lines.append(_MORE[language].replace("{n}", str(count - len(lines))))
    told = one if count == 1 else many.replace("{n}", str(count))
    return Message(_TITLE[language].replace("{count}", told), "\n".join(lines))


def _line(alert: Alert, language: Language) -> str:
    """What is put in is one line of printable characters: no name and no reason can begin another alert."""
    return _PLACEHOLDER.sub(lambda found: one_line(alert.params[found[1]]), LINES[language][alert.kind])
