// Numbers and times as they stand inside sentences about money in and out.

import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Tone } from "@/kit/values";
import type { Decimal } from "@/money/decimal";
import { formatExact } from "@/money/format";
import { useSettings } from "@/settings/settings";
import { formatTime } from "@/time/format";
import { useNetworks } from "./reads";
import type { DepositStatus, Entry, WithdrawalStatus } from "./wire";

export interface Words {
  t: TFunction<readonly ["funding", "common"]>;
  amount: (value: Decimal, asset: string) => string;
  time: (at: string) => string;
  /** What a network is called. */
  network: (name: string) => string;
}

const NAMESPACES = ["funding", "common"] as const;

export function useWords(): Words {
  const { t } = useTranslation(NAMESPACES);
  const { language, zone } = useSettings().settings;
  const { data: networks } = useNetworks();
  return useMemo(() => ({
    t,
    amount: (value, asset) => `${formatExact(value, language)} ${asset}`,
    time: (at) => formatTime(at, zone),
    network: (name) => networks?.find((one) => one.network === name)?.title ?? name,
  }), [t, language, zone, networks]);
}

export const DEPOSIT_TONES: Record<DepositStatus, Tone> = {
  seen: "info", confirming: "info", credited: "good", final: "good", held: "warn", released: "good", refunding: "warn", refunded: "plain", orphaned: "bad", reversed: "bad",
  below_minimum: "warn", suspense: "warn",
};
export const WITHDRAWAL_TONES: Record<WithdrawalStatus, Tone> = {
  in_review: "warn", processing: "info", sending: "info", on_the_chain: "info", completed: "good", rejected: "bad", cancelled: "plain", failed: "bad",
};
export const ENTRY_TONES: Record<Entry["status"], Tone> = { waiting: "warn", active: "good", removed: "plain" };
