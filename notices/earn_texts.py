"""The texts of notices about subscriptions, and the words of what becomes of one at its maturity."""

from __future__ import annotations

from notices.states import Kind, Language
from notices.words import Text

EARN_TEXTS: dict[Language, dict[Kind, Text]] = {
    Language.EN: {
        Kind.EARN_SUBSCRIBED: Text(
            "You subscribed {principal} {asset}",
            "Subscription {subscription} of {principal} {asset} ends on {maturity}. Each payout of it stands on its page.",
        ),
        Kind.EARN_MATURED: Text(
            "Your subscription of {principal} {asset} is paid out",
            "Subscription {subscription} has ended: its principal of {principal} {asset} and the last interest are on your account.",
        ),
        Kind.EARN_REDEEMED_EARLY: Text(
            "Your subscription was ended early: {cash} {asset}",
            "You ended subscription {subscription} of {principal} {asset} before its time: {cash} {asset} came back to your account."
            " Its later payouts are void.",
        ),
        Kind.EARN_RENEWED: Text(
            "Your subscription goes on: {principal} {asset} until {maturity}",
            "Subscription {subscription} has ended and, as you chose, goes on as {into}: {principal} {asset} at {apr} % a year until"
            " {maturity}. {paid_out} {asset} of it is on your account.",
        ),
        Kind.EARN_RENEWAL_REFUSED: Text(
            "Your subscription was not renewed: {principal} {asset} is paid out",
            "Subscription {subscription} should have gone on, but {why}. Its principal of {principal} {asset} and the last interest are"
            " paid to your account and earn nothing there.",
        ),
        Kind.EARN_MATURES_SOON: Text(
            "Your subscription of {principal} {asset} ends on {maturity}",
            "On {maturity} subscription {subscription} of {principal} {asset} ends, and {renewal}. Until then you can choose otherwise on"
            " its page.",
        ),
    },
    Language.ZH: {
        Kind.EARN_SUBSCRIBED: Text(
            "您已认购 {principal} {asset}",
            "认购 {subscription} 的本金为 {principal} {asset}，到期日 {maturity}。每期付息请见认购页面。",
        ),
        Kind.EARN_MATURED: Text(
            "您的认购已到期兑付：{principal} {asset}",
            "认购 {subscription} 已结束，本金 {principal} {asset} 及最后一期利息已到账。",
        ),
        Kind.EARN_REDEEMED_EARLY: Text(
            "您的认购已提前赎回：{cash} {asset}",
            "您提前赎回了认购 {subscription}（本金 {principal} {asset}），{cash} {asset} 已到账，之后各期不再支付。",
        ),
        Kind.EARN_RENEWED: Text(
            "您的认购已续期：{principal} {asset}，至 {maturity}",
            "认购 {subscription} 已到期，并按您的选择续期为 {into}：本金 {principal} {asset}，年利率 {apr}%，到期日 {maturity}。"
            "其中 {paid_out} {asset} 已到账。",
        ),
        Kind.EARN_RENEWAL_REFUSED: Text(
            "您的认购未能续期：{principal} {asset} 将兑付",
            "认购 {subscription} 原定续期，但{why}。本金 {principal} {asset} 及最后一期利息将转入您的账户，不再计息。",
        ),
        Kind.EARN_MATURES_SOON: Text(
            "您的认购 {principal} {asset} 将于 {maturity} 到期",
            "认购 {subscription}（{principal} {asset}）将于 {maturity} 到期，届时{renewal}。在此之前您可以在认购页面更改。",
        ),
    },
}

EARN_WORDS: dict[Language, dict[str, dict[str, str]]] = {
    Language.EN: {
        "renewal": {
            "pay_out": "principal and interest are paid to your account",
            "renew_principal": "the principal is subscribed again, while the interest is paid to your account",
            "renew_all": "principal and last interest are subscribed again",
            "move": "the principal goes on in the other product that this one names",
        },
        "why": {
            "product_not_offered": "we do not offer it at present",
            "not_eligible": "you may not begin a new subscription at present",
            "sale_not_open": "nothing of it was for sale",
            "sold_out": "nothing of it was left",
            "cap_reached": "you would have had more of it than one customer may",
            "principal_unfit": "the amount is less than the least that may be subscribed",
            "account_frozen": "nothing may leave your account at present",
            "renewal_failed": "we could not do it in time, which is our fault",
        },
    },
    Language.ZH: {
        "renewal": {
            "pay_out": "本金与利息将转入您的账户",
            "renew_principal": "本金将续期，利息转入您的账户",
            "renew_all": "本金与最后一期利息将一并续期",
            "move": "本金将转入该产品指定的另一款产品",
        },
        "why": {
            "product_not_offered": "我们目前不提供该服务",
            "not_eligible": "您目前不能开始新的认购",
            "sale_not_open": "届时没有在售的产品",
            "sold_out": "产品已售罄",
            "cap_reached": "将超过单个客户的持有上限",
            "principal_unfit": "金额低于起购金额",
            "account_frozen": "您的账户目前不能转出资金",
            "renewal_failed": "我们未能按时办理，责任在我们",
        },
    },
}
"""Values that are words themselves, by parameter; a reason without words is told by its code."""
