// Whom a control reaches: everything, a venue, a market or a customer.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Select, TextField } from "@/kit/fields";
import { Id } from "@/kit/values";
import { venueName } from "@/kit/venue";
import type { Controls } from "../reads";

export type Scope = "global" | "venue" | "market" | "customer";

/** The first target there is, so that a choice is never empty. */
export function firstTarget(scope: Scope, now: Controls): string {
  if (scope === "venue") return now.venues[0]?.venue ?? "";
  return scope === "market" ? (now.markets[0]?.symbol ?? "") : "";
}

interface Props {
  scope: Scope;
  target: string;
  now: Controls;
  onChange: (target: string) => void;
}

export function TargetField({ scope, target, now, onChange }: Props): ReactNode {
  const { t } = useTranslation("treasury");
  if (scope === "global") return null;
  if (scope === "customer") return <TextField label={t("controls.customer_id")} value={target} onChange={onChange} autoComplete="off" />;
  const choices = scope === "venue"
    ? now.venues.map((row) => ({ id: row.venue, text: venueName(row.venue) }))
    : now.markets.map((row) => ({ id: row.symbol, text: row.symbol }));
  return <Select label={t(`controls.scope.${scope}`)} value={target} choices={choices} onChange={onChange} />;
}

/** "Venue Kraken", "Market BTC-USDT", "Everything". */
export function Reach({ scope, target }: { scope: Scope; target: string }): ReactNode {
  const { t } = useTranslation("treasury");
  if (scope === "global") return t("controls.scope.global");
  if (scope === "customer") return <>{t("controls.scope.customer")} {target === "" ? "–" : <Id value={target} />}</>;
  return <>{t(`controls.scope.${scope}`)} {scope === "venue" ? venueName(target) : target}</>;
}
