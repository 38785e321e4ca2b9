"""The texts of notices, for every channel: a title, which is a mail's subject, and a body; worded when they are read or sent.

A placeholder is `{name}` and nothing else. What is put in is one line of printable characters, so that no name of a program and no
address can end a header, forge a line or colour a terminal.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from notices.deposit_texts import DEPOSIT_TEXTS, DEPOSIT_WORDS
from notices.earn_texts import EARN_TEXTS, EARN_WORDS
from notices.loan_texts import LOAN_TEXTS
from notices.states import PARAMS, Kind, Language
from notices.treasury_texts import TREASURY_TEXTS
from notices.withdrawal_texts import WITHDRAWAL_TEXTS, WITHDRAWAL_WORDS
from notices.words import PLACEHOLDER, Text

_LONGEST = 200

_NOT_YOU_EN = "If this was not you, change your password and end all other sessions at once."
_NOT_YOU_ZH = "如果这不是您本人的操作，请立即修改密码并结束所有其他会话。"

TEXTS: dict[Language, dict[Kind, Text]] = {
    Language.EN: {
        Kind.SECOND_FACTOR_ENROLLED: Text(
            "A second factor was turned on",
            f"Since {{at}} a login to your account needs a code of your authenticator app. {_NOT_YOU_EN}",
        ),
        Kind.SECOND_FACTOR_REPLACED: Text(
            "Your second factor was replaced",
            f"Since {{at}} your account takes codes of another authenticator app; all other sessions were ended. {_NOT_YOU_EN}",
        ),
        Kind.SECOND_FACTOR_REMOVED: Text(
            "Your second factor was turned off",
            f"Since {{at}} the password alone opens your account; all other sessions were ended. {_NOT_YOU_EN}",
        ),
        Kind.RECOVERY_CODES_RENEWED: Text(
            "Your recovery codes were renewed",
            f"Since {{at}} ten new recovery codes open your account; the old ones and all other sessions were ended. {_NOT_YOU_EN}",
        ),
        Kind.PASSKEY_REGISTERED: Text(
            "A passkey was added to your account",
            f"Since {{at}} the passkey “{{name}}” opens your account without a password. {_NOT_YOU_EN}",
        ),
        Kind.PASSKEY_REMOVED: Text(
            "A passkey was removed from your account",
            f"A passkey was removed at {{at}}; all other sessions were ended. {_NOT_YOU_EN}",
        ),
        Kind.SECOND_FACTOR_LOCKED: Text(
            "Too many wrong codes for your account",
            "Somebody who knows your password, or uses an open session of yours, gave too many wrong codes. No code is accepted"
            " until {until_at}. If this was not you, change your password.",
        ),
        Kind.PASSWORD_CHANGED: Text(
            "Your password was changed",
            f"Your password was changed at {{at}}; all other sessions were ended. {_NOT_YOU_EN}",
        ),
        Kind.NEW_ADDRESS: Text(
            "A login from a new address",
            f"Somebody logged in to your account at {{at}} from {{address}} ({{user_agent}}). {_NOT_YOU_EN}",
        ),
        Kind.PROGRAM_CONNECTED: Text(
            "A program may act for you",
            "Since {at} the program “{program}” may act for your account, as you agreed. If this was not you, end it under connected"
            " programs, then change your password and end all other sessions.",
        ),
        Kind.TOKEN_REUSED: Text(
            "A session was ended because its token was copied",
            "A refresh token of one of your sessions was used a second time at {at}, so somebody else has a copy. The session"
            " is ended for everybody. Find out where the token leaked before you log in again there.",
        ),
        Kind.API_KEY_MISUSED: Text(
            "A request with your API key “{name}” was refused",
            "At {at} somebody at {address} signed a request with your API key “{name}” {reason}. Whoever did that has its"
            " secret. If it was not your program, revoke the key at once.",
        ),
        Kind.FACTORS_RESET: Text(
            "Your second factors were reset",
            f"At {{at}} our staff removed your authenticator app, passkeys and recovery codes, as two of them agreed; all sessions"
            f" were ended. For a day no key can be made and nothing withdrawn. {_NOT_YOU_EN}",
        ),
        Kind.EMAIL_CHANGED: Text(
            "This address is your account's now",
            f"Since {{at}} your account has this e-mail; all sessions were ended. {_NOT_YOU_EN}",
        ),
        Kind.EMAIL_MOVED_AWAY: Text(
            "Your account has another e-mail now",
            "Since {at} your account has another e-mail than this one; all sessions were ended. For a day no key can be made and"
            " nothing withdrawn.",
        ),
        Kind.ACCOUNT_FROZEN: Text(
            "Your account is frozen",
            "Somebody who reads your mail shut your account at {at}: all sessions and keys have ended and nobody can log in. No order"
            " and no money was touched. Write to our support to have it opened again.",
        ),
        Kind.ACCOUNT_LOCKED: Text(
            "Your account is locked",
            "Our staff locked your account at {at}; all sessions have ended. Write to our support to learn why.",
        ),
        Kind.ACCOUNT_REOPENED: Text("Your account is open again", f"Since {{at}} you can log in again. {_NOT_YOU_EN}"),
        Kind.CONFIRM_REGISTRATION: Text(
            "Confirm your e-mail",
            "Somebody asked for an account with this address at {at}. If it was you, confirm it within two days; the account"
            " exists from then on. If it was not, do nothing.",
        ),
        Kind.ACCOUNT_EXISTS: Text(
            "You have an account already",
            "Somebody asked for an account with this address at {at}. It has one: log in, or ask for a new password where you"
            " log in. If it was not you, do nothing; nobody was told that you have an account.",
        ),
        Kind.PASSWORD_RESET: Text(
            "A new password",
            "Somebody asked for a new password for your account at {at}. If it was you, set one within the hour; all sessions end"
            " then. If it was not, do nothing: your password stays as it is.",
        ),
        Kind.STAFF_JOINED: Text(
            "Your login as a member of staff",
            "Since {at} you have a login with this address. Set its password within the hour; later, ask for a new password where"
            " you log in.",
        ),
        Kind.EMAIL_CHANGE_OLD: Text(
            "May your account move to another e-mail?",
            "At {at} somebody logged in to your account asked to give it another e-mail. If it was you, say yes here and in the mail"
            " to the new address. If it was not, do nothing, change your password and end all other sessions.",
        ),
        Kind.EMAIL_CHANGE_NEW: Text(
            "May an account move to this e-mail?",
            "At {at} somebody asked to give this e-mail to an account. If it was you, say yes here and in the mail to the present"
            " address. If it was not, do nothing.",
        ),
        Kind.PRICE_ALERT: Text(
            "{symbol} {direction} {price}", "{symbol} stood at {composite} at {at}: your alert was {direction} {price}."
        ),
        Kind.ORDER_EXPIRED: Text(
            "Your {symbol} order has expired",
            "Order {order_id} reached the end of its time; {filled} was filled. The rest of its money is free again.",
        ),
        Kind.ORDER_CANCELLED: Text(
            "Your {symbol} order was cancelled by us",
            "We had to stop trading there and cancelled order {order_id}; {filled} was filled before. The rest of its money"
            " is free again.",
        ),
        Kind.WEBHOOK_GIVEN_UP: Text(
            "Your webhook at {host} does not answer",
            "We tried for more than a day to tell {host} of an event ({event}) and gave up. Look at the deliveries of your"
            " webhook; what is missing can be replayed there.",
        ),
        Kind.KYC_APPROVED: Text(
            "Your identity check is complete: level {level}",
            "We know you well enough for level {level} now. What it allows stands under “Identity check”. Our note: {reason}",
        ),
        Kind.KYC_REJECTED: Text(
            "Your identity check for level {level} was not approved",
            "We could not approve it. The reason: {reason} You can begin again whenever you have what was missing.",
        ),
        Kind.KYC_MORE_INFORMATION: Text(
            "Your identity check for level {level} needs something more",
            "Please add what is asked for and hand it in again. What we need: {reason}",
        ),
        **LOAN_TEXTS[Language.EN],
        **EARN_TEXTS[Language.EN],
        **DEPOSIT_TEXTS[Language.EN],
        **WITHDRAWAL_TEXTS[Language.EN],
        **TREASURY_TEXTS[Language.EN],
    },
    Language.ZH: {
        Kind.SECOND_FACTOR_ENROLLED: Text(
            "双重验证已开启", f"自 {{at}} 起，登录您的账户需要验证器应用的验证码。{_NOT_YOU_ZH}"
        ),
        Kind.SECOND_FACTOR_REPLACED: Text(
            "双重验证已更换",
            f"自 {{at}} 起，您的账户使用另一个验证器应用的验证码；其他会话均已结束。{_NOT_YOU_ZH}",
        ),
        Kind.SECOND_FACTOR_REMOVED: Text(
            "双重验证已关闭", f"自 {{at}} 起，仅凭密码即可登录您的账户；其他会话均已结束。{_NOT_YOU_ZH}"
        ),
        Kind.RECOVERY_CODES_RENEWED: Text(
            "您的恢复码已更新",
            f"自 {{at}} 起，您的账户使用十个新的恢复码；旧恢复码作废，其他会话均已结束。{_NOT_YOU_ZH}",
        ),
        Kind.PASSKEY_REGISTERED: Text(
            "您的账户新增了通行密钥", f"自 {{at}} 起，通行密钥“{{name}}”无需密码即可打开您的账户。{_NOT_YOU_ZH}"
        ),
        Kind.PASSKEY_REMOVED: Text(
            "您的账户移除了通行密钥", f"一个通行密钥已于 {{at}} 移除；其他会话均已结束。{_NOT_YOU_ZH}"
        ),
        Kind.SECOND_FACTOR_LOCKED: Text(
            "您的账户验证码错误次数过多",
            "有人知道您的密码或正在使用您已登录的会话，并多次输入了错误的验证码。"
            "{until_at} 之前不接受任何验证码。如果这不是您本人的操作，请修改密码。",
        ),
        Kind.PASSWORD_CHANGED: Text("您的密码已修改", f"您的密码已于 {{at}} 修改；其他会话均已结束。{_NOT_YOU_ZH}"),
        Kind.NEW_ADDRESS: Text(
            "来自新地址的登录", f"有人于 {{at}} 从 {{address}}（{{user_agent}}）登录了您的账户。{_NOT_YOU_ZH}"
        ),
        Kind.PROGRAM_CONNECTED: Text(
            "一个应用可代表您操作",
            "自 {at} 起，应用“{program}”经您同意可代表您的账户操作。"
            "如果这不是您本人的操作，请在“已授权的应用”中终止授权，然后修改密码并结束所有其他会话。",
        ),
        Kind.TOKEN_REUSED: Text(
            "令牌被复制，会话已结束",
            "您某个会话的刷新令牌于 {at} 被再次使用，说明有他人持有其副本。该会话已对所有人结束。重新登录之前，请先查明令牌从何处泄露。",
        ),
        Kind.API_KEY_MISUSED: Text(
            "使用您 API 密钥“{name}”的请求被拒绝",
            "{at}，来自 {address} 的请求使用您的 API 密钥“{name}”签名，{reason}。对方持有该密钥的私密部分。"
            "如果这不是您自己的程序，请立即撤销该密钥。",
        ),
        Kind.FACTORS_RESET: Text(
            "您的双重验证已重置",
            "经两名工作人员同意，您的验证器应用、通行密钥和恢复码已于 {at} 移除，所有会话均已结束。"
            f"24 小时内无法创建 API 密钥或提现。{_NOT_YOU_ZH}",
        ),
        Kind.EMAIL_CHANGED: Text(
            "此邮箱现已绑定您的账户", f"自 {{at}} 起，您的账户使用此邮箱；所有会话均已结束。{_NOT_YOU_ZH}"
        ),
        Kind.EMAIL_MOVED_AWAY: Text(
            "您的账户已更换邮箱",
            "自 {at} 起，您的账户不再使用此邮箱；所有会话均已结束。24 小时内无法创建 API 密钥或提现。",
        ),
        Kind.ACCOUNT_FROZEN: Text(
            "您的账户已冻结",
            "有人通过您的邮件于 {at} 冻结了您的账户：所有会话和 API 密钥均已失效，任何人都无法登录。"
            "订单与资金不受影响。如需解冻，请联系客服。",
        ),
        Kind.ACCOUNT_LOCKED: Text(
            "您的账户已锁定", "我们的工作人员于 {at} 锁定了您的账户，所有会话均已结束。如有疑问，请联系客服。"
        ),
        Kind.ACCOUNT_REOPENED: Text("您的账户已重新开放", f"自 {{at}} 起，您可以重新登录。{_NOT_YOU_ZH}"),
        Kind.CONFIRM_REGISTRATION: Text(
            "请确认您的邮箱",
            "有人于 {at} 使用此邮箱申请开户。如果是您本人，请在两天内确认，确认后账户即生效。如果不是，请忽略本邮件。",
        ),
        Kind.ACCOUNT_EXISTS: Text(
            "您已有账户",
            "有人于 {at} 使用此邮箱申请开户，但此邮箱已有账户：请直接登录，或在登录页面重设密码。"
            "如果不是您本人，请忽略本邮件；没有人被告知您拥有账户。",
        ),
        Kind.PASSWORD_RESET: Text(
            "重设密码",
            "有人于 {at} 申请为您的账户重设密码。如果是您本人，请在一小时内设置新密码，届时所有会话都会结束。"
            "如果不是，请忽略本邮件，您的密码保持不变。",
        ),
        Kind.STAFF_JOINED: Text(
            "您的员工登录账户",
            "自 {at} 起，您可以使用此邮箱登录。请在一小时内设置密码；逾期请在登录页面申请重设密码。",
        ),
        Kind.EMAIL_CHANGE_OLD: Text(
            "是否允许您的账户更换邮箱？",
            "有人登录您的账户，并于 {at} 申请更换邮箱。如果是您本人，请在此处以及发往新邮箱的邮件中分别确认。"
            "如果不是，请勿操作，并立即修改密码、结束所有其他会话。",
        ),
        Kind.EMAIL_CHANGE_NEW: Text(
            "是否允许某个账户使用此邮箱？",
            "有人于 {at} 申请将此邮箱用于一个账户。如果是您本人，请在此处以及发往原邮箱的邮件中分别确认。如果不是，请忽略本邮件。",
        ),
        Kind.PRICE_ALERT: Text(
            "{symbol} {direction} {price}", "{at}，{symbol} 价格为 {composite}：您设置的提醒是{direction} {price}。"
        ),
        Kind.ORDER_EXPIRED: Text(
            "您的 {symbol} 订单已过期", "订单 {order_id} 已到期，已成交 {filled}。其余资金已解冻。"
        ),
        Kind.ORDER_CANCELLED: Text(
            "您的 {symbol} 订单已被我们撤销",
            "我们必须暂停该处的交易，因此撤销了订单 {order_id}，此前已成交 {filled}。其余资金已解冻。",
        ),
        Kind.WEBHOOK_GIVEN_UP: Text(
            "您在 {host} 的 Webhook 没有响应",
            "我们在一天多的时间里多次尝试向 {host} 通知事件（{event}），现已放弃。"
            "请查看该 Webhook 的投递记录，缺失的通知可以在那里重新发送。",
        ),
        Kind.KYC_APPROVED: Text(
            "您的身份认证已通过：{level} 级",
            "您的身份认证已达到 {level} 级，可使用的功能请见“身份认证”页面。审核说明：{reason}",
        ),
        Kind.KYC_REJECTED: Text(
            "您的 {level} 级身份认证未通过",
            "很抱歉，本次认证未能通过。原因：{reason} 准备好所需材料后，您可以随时重新申请。",
        ),
        Kind.KYC_MORE_INFORMATION: Text(
            "您的 {level} 级身份认证需要补充材料",
            "请补充以下内容后重新提交：{reason}",
        ),
        **LOAN_TEXTS[Language.ZH],
        **EARN_TEXTS[Language.ZH],
        **DEPOSIT_TEXTS[Language.ZH],
        **WITHDRAWAL_TEXTS[Language.ZH],
        **TREASURY_TEXTS[Language.ZH],
    },
}

WORDS: dict[Language, dict[str, dict[str, str]]] = {
    Language.EN: {
        "direction": {"above": "at or above", "below": "at or below"},
        "reason": {
            "scope": "for something that its scopes do not hold",
            "address": "from an address that it is not allowed from",
        },
        **EARN_WORDS[Language.EN],
        **DEPOSIT_WORDS[Language.EN],
        **WITHDRAWAL_WORDS[Language.EN],
    },
    Language.ZH: {
        "direction": {"above": "达到或高于", "below": "达到或低于"},
        "reason": {"scope": "请求了其权限范围之外的操作", "address": "来源地址不在其允许范围内"},
        **EARN_WORDS[Language.ZH],
        **DEPOSIT_WORDS[Language.ZH],
        **WITHDRAWAL_WORDS[Language.ZH],
    },
}
"""Values that are words themselves, by parameter."""

LINK_LEADS: dict[Language, str] = {
    Language.EN: "Open this page, on any device. It works once:",
    Language.ZH: "请在任意设备上打开以下页面（链接仅可使用一次）：",
}
FREEZE: dict[Language, str] = {
    Language.EN: "It was not you? This page shuts your account at once: all sessions and keys end, no order and no money is touched.",
    Language.ZH: "不是您本人？以下页面可立即冻结您的账户：所有会话和 API 密钥立即失效，订单与资金不受影响。",
}
"""Before a link, by what it does."""

LINK_END: dict[Language, str] = {
    Language.EN: "This mail was sent by Rivermouth. Nobody of us ever asks for your password or for the link in this mail.",
    Language.ZH: "本邮件由 Rivermouth 发送。我们的工作人员绝不会向您索要密码或本邮件中的链接。",
}
MAIL_END: dict[Language, str] = {
    Language.EN: "This mail was sent by Rivermouth. It holds no link on purpose: open the page the way you always do.",
    Language.ZH: "本邮件由 Rivermouth 发送。为了您的安全，邮件中不含任何链接：请以您平时的方式打开网站。",
}


def render(kind: Kind, language: Language, params: Mapping[str, str]) -> Text:
    """The text of one notice."""
    text, words = TEXTS[language][kind], WORDS[language]

    def value(name: str) -> str:
        given = str(params[name])
        if name.endswith("at"):
            return _moment(given)
        return one_line(words.get(name, {}).get(given, given))

    return Text(
        PLACEHOLDER.sub(lambda found: value(found[1]), text.title),
        PLACEHOLDER.sub(lambda found: value(found[1]), text.body),
    )


def one_line(text: str) -> str:
    """Only what every screen and every header can show."""
    return "".join(c if c.isprintable() else "?" for c in text[:_LONGEST])


def _moment(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def complete(params: Mapping[str, str], kind: Kind) -> bool:
    """Whether these are exactly the parameters of the kind."""
    return params.keys() == PARAMS[kind]
