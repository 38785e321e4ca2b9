"""The texts of notices about loans. A customer reads of the two lines that customers know, and of no other."""

from __future__ import annotations

from notices.states import Kind, Language
from notices.words import Text

_HELP_EN = "Repay {repay} {asset}, or add collateral, and the loan is where it began."
_HELP_ZH = "归还 {repay} {asset} 或追加抵押物，即可恢复到初始质押水平。"

LOAN_TEXTS: dict[Language, dict[Kind, Text]] = {
    Language.EN: {
        Kind.LOAN_OPENED: Text(
            "Your loan is paid out: {paid_out} {asset}",
            "Loan {loan} runs: you owe {principal} {asset}, {paid_out} {asset} stands on your account. It ends on {matures}.",
        ),
        Kind.LOAN_CANCELLED: Text(
            "Your loan did not come about",
            "We could not get the {principal} {asset} of loan {loan}. Your collateral is free again, and nothing was charged.",
        ),
        Kind.LOAN_WARNING: Text(
            "Your loan has reached its warning line",
            "At {at} ({prices}) your collateral of loan {loan} fell to the warning line; you owe {debt} {asset}. "
            + _HELP_EN,
        ),
        Kind.LOAN_MARGIN_CALL: Text(
            "Your loan has reached its liquidation line",
            "At {at} ({prices}) your collateral of loan {loan} fell to the liquidation line; you owe {debt} {asset}. If the price stays"
            " or falls further, your collateral will be sold. " + _HELP_EN,
        ),
        Kind.LOAN_RECOVERED: Text(
            "Your loan is healthy again",
            "At {at} ({prices}) your collateral of loan {loan} stood above all lines again. There is nothing you have to do.",
        ),
        Kind.LOAN_TOPPED_UP: Text(
            "Collateral was added to your loan, as you asked",
            "Before your collateral of loan {loan} would have been sold we added {quantity} {asset} from your account; {pledged} {asset}"
            " is pledged now.",
        ),
        Kind.LOAN_REPAID_BY_ITSELF: Text(
            "Your loan was paid from your account, as you asked",
            "{amount} {asset} was due on loan {loan} and was taken from your account; {left} {asset} is still owed.",
        ),
        Kind.LOAN_SALE_BEGUN: Text(
            "The collateral of your loan is being sold",
            "You owe {owed} {asset} on loan {loan}, and we have begun to sell its collateral. Interest has stopped. Whatever is left"
            " of money and collateral comes back to you.",
        ),
        Kind.LOAN_SALE_SETTLED: Text(
            "The sale of your collateral has ended",
            "Loan {loan}: the sale brought {proceeds} {asset}, of which {paid} paid your debt and {fee} the fee;"
            " {surplus} {asset} came back to you. Each step stands on the loan's page.",
        ),
        Kind.LOAN_DUE_SOON: Text(
            "{amount} {asset} is due on {due}",
            "In {days} days {amount} {asset} of loan {loan} has to be paid. Have it on your account and pay it on the loan's page.",
        ),
        Kind.LOAN_OVERDUE: Text(
            "{amount} {asset} of your loan is overdue",
            "{amount} {asset} of loan {loan} was due on {due} and is not paid. After {grace} it costs a penalty, and the collateral of"
            " a loan that has ended is sold.",
        ),
        Kind.LOAN_RATE_ANNOUNCED: Text(
            "The interest of your loan: {rate} % a year from {day} on",
            "Loan {loan} has a floating rate. From {day} on (UTC) it is {rate} % a year, until then {before} %. You may repay at any time.",
        ),
    },
    Language.ZH: {
        Kind.LOAN_OPENED: Text(
            "您的借款已放款：{paid_out} {asset}",
            "借款 {loan} 已生效：本金 {principal} {asset}，到账 {paid_out} {asset}，到期日 {matures}。",
        ),
        Kind.LOAN_CANCELLED: Text(
            "您的借款未能成立",
            "我们未能为借款 {loan} 取得 {principal} {asset} 的资金。您的抵押物已解除质押，未收取任何费用。",
        ),
        Kind.LOAN_WARNING: Text(
            "您的借款已触及预警线",
            "{at}（{prices}），借款 {loan} 的抵押物价值跌至预警线，您的负债为 {debt} {asset}。" + _HELP_ZH,
        ),
        Kind.LOAN_MARGIN_CALL: Text(
            "您的借款已触及平仓线",
            "{at}（{prices}），借款 {loan} 的抵押物价值跌至平仓线，您的负债为 {debt} {asset}。"
            "如果价格停留在此或继续下跌，抵押物将被卖出。" + _HELP_ZH,
        ),
        Kind.LOAN_RECOVERED: Text(
            "您的借款已恢复安全",
            "{at}（{prices}），借款 {loan} 的抵押物价值已重新高于所有风险线，您无需任何操作。",
        ),
        Kind.LOAN_TOPPED_UP: Text(
            "已按您的设置追加抵押物",
            "在借款 {loan} 的抵押物即将被卖出之前，我们从您的账户追加了 {quantity} {asset}，现共质押 {pledged} {asset}。",
        ),
        Kind.LOAN_REPAID_BY_ITSELF: Text(
            "已按您的设置自动还款",
            "借款 {loan} 的应还款 {amount} {asset} 已从您的账户扣除，剩余负债 {left} {asset}。",
        ),
        Kind.LOAN_SALE_BEGUN: Text(
            "您的抵押物正在被卖出",
            "借款 {loan} 的负债为 {owed} {asset}，我们已开始卖出抵押物，利息已停止计算。剩余的资金和抵押物将退还给您。",
        ),
        Kind.LOAN_SALE_SETTLED: Text(
            "抵押物卖出已结束",
            "借款 {loan}：卖出所得 {proceeds} {asset}，其中 {paid} 用于偿还负债，{fee} 为手续费，{surplus} {asset} 已退还给您。"
            "详情见借款页面。",
        ),
        Kind.LOAN_DUE_SOON: Text(
            "{amount} {asset} 将于 {due} 到期",
            "借款 {loan} 的 {amount} {asset} 将在 {days} 天后到期。请确保账户余额充足，并在借款页面还款。",
        ),
        Kind.LOAN_OVERDUE: Text(
            "您的借款有 {amount} {asset} 已逾期",
            "借款 {loan} 的 {amount} {asset} 应于 {due} 归还，尚未支付。{grace} 之后将产生罚息；已到期借款的抵押物将被卖出。",
        ),
        Kind.LOAN_RATE_ANNOUNCED: Text(
            "您的借款利率：自 {day} 起年利率 {rate}%",
            "借款 {loan} 为浮动利率。自 {day}（UTC）起年利率为 {rate}%，此前为 {before}%。您可以随时还款。",
        ),
    },
}
