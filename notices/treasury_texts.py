"""The texts of notices to treasury. Lines say place, asset and figures, the same in both languages."""

from __future__ import annotations

from notices.states import Kind, Language
from notices.words import Text

TREASURY_TEXTS: dict[Language, dict[Kind, Text]] = {
    Language.EN: {
        Kind.TREASURY_ALERT: Text(
            "Treasury: {count} raised or worse",
            "Below their lines, short or silent: {lines}. Acknowledge what you take care of on the page of alerts.",
        ),
        Kind.TREASURY_UNANSWERED: Text(
            "Treasury: {count} critical and unanswered",
            "Nobody has acknowledged these critical alerts: {lines}. Open the page of alerts, and say that you take care of them.",
        ),
        Kind.TREASURY_TRANSFER_LATE: Text(
            "Transfer of {amount} {asset} to {destination} is late",
            "{amount} {asset} from {source} to {destination}, agreed to at {since_at}, takes three times as long as it should (transfer"
            " {transfer}). Ask both venues what became of it; it is not sent again.",
        ),
        Kind.TREASURY_TRANSFER_DIFFERS: Text(
            "{arrived} {asset} instead of {left} came to {destination}",
            "{left} {asset} left {source}, and {arrived} came to {destination} (transfer {transfer}). The difference stands as in transit"
            " until it is known where it is.",
        ),
        Kind.TREASURY_TRANSFER_ENDED: Text(
            "Transfer of {amount} {asset} to {destination} does not arrive",
            "{amount} {asset} from {source} to {destination} had been agreed to and ended as {state}: {reason} (transfer {transfer})."
            " What was reserved for it is free again, and what had left is back; if it is still needed, ask for it anew.",
        ),
    },
    Language.ZH: {
        Kind.TREASURY_ALERT: Text(
            "资金管理：{count} 项新增或加重的警报",
            "余额低于警戒线、不足或无报告：{lines}。请在警报页面确认由您处理的项目。",
        ),
        Kind.TREASURY_UNANSWERED: Text(
            "资金管理：{count} 项严重警报无人确认",
            "以下严重警报尚无人确认：{lines}。请打开警报页面并确认由您处理。",
        ),
        Kind.TREASURY_TRANSFER_LATE: Text(
            "转往 {destination} 的 {amount} {asset} 已延误",
            "从 {source} 转往 {destination} 的 {amount} {asset}（{since_at} 获批）已超过正常用时的三倍（调拨编号 {transfer}）。"
            "请向两家交易场所查询；系统不会重复发送。",
        ),
        Kind.TREASURY_TRANSFER_DIFFERS: Text(
            "{destination} 收到 {arrived} {asset}，而非 {left}",
            "{source} 转出 {left} {asset}，{destination} 收到 {arrived}（调拨编号 {transfer}）。差额在查明之前仍记为在途。",
        ),
        Kind.TREASURY_TRANSFER_ENDED: Text(
            "转往 {destination} 的 {amount} {asset} 不会到账",
            "从 {source} 转往 {destination} 的 {amount} {asset} 已获批准，但以 {state} 告终：{reason}（调拨编号 {transfer}）。"
            "预留的资金已释放，已转出的也已退回；如仍需要，请重新申请。",
        ),
    },
}
