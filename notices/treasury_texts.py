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
    },
}
