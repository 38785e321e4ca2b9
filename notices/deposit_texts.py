"""The texts of notices about deposits, and the words of why one is held."""

from __future__ import annotations

from notices.states import Kind, Language
from notices.words import Text

DEPOSIT_TEXTS: dict[Language, dict[Kind, Text]] = {
    Language.EN: {
        Kind.DEPOSIT_CREDITED: Text(
            "Your deposit of {amount} {asset} is credited",
            "{amount} {asset} from {network} are on your account, and {settled}. Transaction: {txid}",
        ),
        Kind.DEPOSIT_HELD: Text(
            "Your deposit of {amount} {asset} is being looked at",
            "{amount} {asset} arrived on {network} and are not credited yet: {because}. Nothing has to be sent again."
            " Transaction: {txid}",
        ),
        Kind.DEPOSIT_REVERSED: Text(
            "Your deposit of {amount} {asset} was taken back by its chain",
            "The block that held your deposit on {network} left the chain, so {amount} {asset} were taken off your account."
            " {missing} {asset} of it had been spent. If another block takes the payment in, it is credited again. Transaction: {txid}",
        ),
        Kind.DEPOSIT_REFUNDED: Text(
            "Your deposit of {asset} went back",
            "It could not be credited to you, so {amount} {asset} went back to {address} on {network}; {fee} {asset} were deducted for the"
            " network. Transaction: {txid}",
        ),
    },
    Language.ZH: {
        Kind.DEPOSIT_CREDITED: Text(
            "您的充值 {amount} {asset} 已到账",
            "来自 {network} 的 {amount} {asset} 已记入您的账户，{settled}。交易哈希：{txid}",
        ),
        Kind.DEPOSIT_HELD: Text(
            "您的充值 {amount} {asset} 正在审核",
            "{network} 上的 {amount} {asset} 已收到，暂未入账：{because}。请勿重复转账。交易哈希：{txid}",
        ),
        Kind.DEPOSIT_REVERSED: Text(
            "您的充值 {amount} {asset} 已被链上回滚",
            "您在 {network} 的充值所在区块已被链移除，{amount} {asset} 已从账户扣回，其中 {missing} {asset} 已被使用。"
            "若该笔交易被其他区块重新收录，将再次入账。交易哈希：{txid}",
        ),
        Kind.DEPOSIT_REFUNDED: Text(
            "您的 {asset} 充值已退回",
            "该笔充值未能入账，{amount} {asset} 已退回至 {network} 上的地址 {address}，网络费 {fee} {asset} 已从中扣除。交易哈希：{txid}",
        ),
    },
}

_EN_OTHER, _ZH_OTHER = "we have to look at it first", "需要先经人工核对"
_ELIGIBILITY = (
    "unknown_customer", "not_offered", "level_too_low", "screening_review", "screening_confirmed", "country_denied",
    "country_review", "country_unknown",
)  # fmt: skip
"""Reasons of which more is not told in a mail."""

DEPOSIT_WORDS: dict[Language, dict[str, dict[str, str]]] = {
    Language.EN: {
        "settled": {
            "yes": "you may use them as you like",
            "no": "you may trade them; you may withdraw them once the network has confirmed them for good",
        },
        "because": dict.fromkeys(_ELIGIBILITY, _EN_OTHER)
        | {
            "account_frozen": "your account is frozen",
            "account_closed": "your account of this asset is closed",
            "account_shut": "your account is shut",
        },
    },
    Language.ZH: {
        "settled": {"yes": "可自由使用", "no": "可用于交易，待网络最终确认后方可提现"},
        "because": dict.fromkeys(_ELIGIBILITY, _ZH_OTHER)
        | {
            "account_frozen": "您的账户已冻结",
            "account_closed": "您该币种的账户已关闭",
            "account_shut": "您的账户已停用",
        },
    },
}
