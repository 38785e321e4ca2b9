"""The texts of notices about addresses and withdrawals, and the words of how one can end."""

from __future__ import annotations

from notices.states import Kind, Language
from notices.words import Text

_NOT_YOU_EN = "If this was not you, change your password and end all other sessions at once."
_NOT_YOU_ZH = "如果这不是您本人的操作，请立即修改密码并结束所有其他会话。"

WITHDRAWAL_TEXTS: dict[Language, dict[Kind, Text]] = {
    Language.EN: {
        Kind.ADDRESS_ADDED: Text(
            "A withdrawal address was added to your account",
            f"At {{at}} the address {{address}} on {{network}} (“{{label}}”) was added to your address book. Money can be sent there from"
            f" {{usable_at}} on; until then you can remove it. {_NOT_YOU_EN}",
        ),
        Kind.WITHDRAWAL_REQUESTED: Text(
            "A withdrawal of {amount} {asset} was asked for",
            f"At {{at}} a withdrawal of {{amount}} {{asset}} to {{address}} on {{network}} was asked for ({{withdrawal}}). You can take it"
            f" back until it is signed. {_NOT_YOU_EN}",
        ),
        Kind.WITHDRAWAL_COMPLETED: Text(
            "Your withdrawal of {amount} {asset} has arrived",
            "Withdrawal {withdrawal}: {amount} {asset} arrived at {address} on {network}.",
        ),
        Kind.WITHDRAWAL_ENDED: Text(
            "Your withdrawal of {amount} {asset} was not sent",
            "Withdrawal {withdrawal} of {amount} {asset} to {address} on {network} {end}: {why}. What was held for it is on your account"
            " again.",
        ),
    },
    Language.ZH: {
        Kind.ADDRESS_ADDED: Text(
            "您的账户新增了提现地址",
            f"{{at}}，{{network}} 网络的地址 {{address}}（“{{label}}”）已加入您的地址簿，{{usable_at}} 起可用于提现，"
            f"在此之前您可以将其移除。"
            f"{_NOT_YOU_ZH}",
        ),
        Kind.WITHDRAWAL_REQUESTED: Text(
            "收到提现申请：{amount} {asset}",
            f"{{at}}，您的账户申请将 {{amount}} {{asset}} 提至 {{network}} 网络的 {{address}}（{{withdrawal}}），"
            f"签名前均可撤销。{_NOT_YOU_ZH}",
        ),
        Kind.WITHDRAWAL_COMPLETED: Text(
            "您的提现 {amount} {asset} 已到账",
            "提现 {withdrawal}：{amount} {asset} 已到达 {network} 网络的 {address}。",
        ),
        Kind.WITHDRAWAL_ENDED: Text(
            "您的提现 {amount} {asset} 未发出",
            "提现 {withdrawal}（{amount} {asset}，{network} 网络，地址 {address}）{end}：{why}。冻结的款项已退回您的账户。",
        ),
    },
}

WITHDRAWAL_WORDS: dict[Language, dict[str, dict[str, str]]] = {
    Language.EN: {
        "end": {
            "rejected": "was rejected by us",
            "cancelled": "was cancelled",
            "failed": "could not be paid",
            "not_placed": "could not be paid",
        },
    },
    Language.ZH: {
        "end": {"rejected": "已被拒绝", "cancelled": "已撤销", "failed": "支付失败", "not_placed": "支付失败"},
    },
}
