// How far the balances are behind the journal, and how high the chain of seals stands.

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { Loaded } from "@/kit/states";
import { Pill } from "@/kit/values";
import { ReadAge } from "../parts/values";

const EVERY_MS = 3_000;
const LATE_MS = 5_000; // the engine's own alarm

export function FoldTiles(): ReactNode {
  const query = useQuery({ queryKey: ["finance", "fold"], queryFn: () => ask(api.GET("/v1/ledger/fold")), refetchInterval: EVERY_MS });
  return <Loaded query={query} lines={3}>{(fold) => <Tiles fold={fold} at={query.dataUpdatedAt} />}</Loaded>;
}

function Tiles({ fold, at }: { fold: Schemas["FoldOut"]; at: number }): ReactNode {
  const { t } = useTranslation("finance");
  const late = fold.lag_ms > LATE_MS;
  const tiles: readonly (readonly [string, ReactNode, ReactNode])[] = [
    [t("fold.lag"), t("fold.ms", { n: fold.lag_ms }), late ? <Pill key="late" tone="warn">{t("fold.late")}</Pill> : <Pill key="fine" tone="good">{t("fold.fine")}</Pill>],
    [t("fold.entries"), fold.lag_entries, <span key="why" className="dim">{t("fold.entries_why")}</span>],
    [t("fold.seal"), fold.seal_no ?? "–", <span key="epoch" className="dim">{t("fold.epoch", { epoch: fold.epoch })}</span>],
    [t("fold.horizon"), fold.horizon, <ReadAge key="age" at={at} />],
  ];
  return (
    <div className="finance-tiles">
      {tiles.map(([name, value, below]) => (
        <div key={name} className="finance-tile"><span className="dim">{name}</span><strong>{value}</strong><span>{below}</span></div>
      ))}
    </div>
  );
}
