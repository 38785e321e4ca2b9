// What a posting means, in a sentence for a person: the kind of the journal and what its explanation holds.

import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { isDecimal } from "@/money/decimal";
import { formatExact } from "@/money/format";
import { useSettings } from "@/settings/settings";

const KINDS = [
  "deposit", "deposit_kept", "deposit_dust", "deposit_reversed", "deposit_refunded", "venue_funding", "wallet_funding", "network_fee", "treasury_left", "treasury_settled", "treasury_back", "treasury_arrived",
  "house_position", "transfer", "reversal", "capture", "payment", "refund", "rounding", "suspense", "reconciliation",
  "loan_opened", "loan_repayment", "loan_collateral_added", "loan_collateral_returned", "loan_interest", "liquidation",
  "funding_draw", "funding_repay", "funding_cost",
  "earn_payout", "earn_redemption", "earn_accrual", "earn_coupon", "earn_marketing",
  "withdrawal", "internal_withdrawal",
];

/** The kind of a journal as a word. */
export function useKind(): (kind: string) => string {
  const { t } = useTranslation("finance");
  return (kind) => {
    if (kind.startsWith("import.")) return t("kind.import", { kind: kind.slice("import.".length) });
    return kind === "trade" || KINDS.includes(kind) ? t(`kind.${kind}`) : kind;
  };
}

export function useMeaning(): (journal: Pick<Schemas["JournalOut"], "kind" | "meta">) => string {
  const { t } = useTranslation("finance");
  const { settings } = useSettings();
  return ({ kind, meta }) => {
    const words: { [name: string]: string } = {};
    for (const [name, value] of Object.entries(meta)) {
      if (typeof value === "string") words[name] = isDecimal(value) ? formatExact(value, settings.language) : value;
    }
    if (kind === "trade") {
      const [base = "", quote = ""] = (words["symbol"] ?? "").split("-");
      return t(words["side"] === "sell" ? "meaning.sell" : "meaning.buy", { ...words, base, quote });
    }
    if (kind === "reconciliation" && words["resolution"] !== undefined) {
      return t("meaning.reconciliation", { resolution: t(`resolution.${words["resolution"]}.name`) });
    }
    if (kind.startsWith("import.")) return t("meaning.import");
    return KINDS.includes(kind) ? t(`meaning.${kind}`, words) : t("meaning.other", { kind });
  };
}
