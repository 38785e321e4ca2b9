// The market at a glance: the composite price, how far to trust it, and its last 24 hours.

import { memo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useAge, useLatest } from "@/feed/hooks";
import { Amount, Pill, Price, type Tone } from "@/kit/values";
import { sign } from "@/money/decimal";
import { formatPercent } from "@/money/format";
import { useSettings } from "@/settings/settings";
import { useStats, type Market } from "../data";
import { Flash } from "../Flash";
import { STALE_S } from "../ticket/obstacle";
import { short } from "./short";

const TONES: Record<string, Tone> = { NORMAL: "good", DEGRADED: "warn", SINGLE: "warn", HALT: "bad" };

export function MarketHeader({ market, onChoose }: { market: Market; onChoose: (() => void) | null }): ReactNode {
  const { t } = useTranslation("retail");
  return (
    <header className="panel retail-head">
      <div className="retail-head-name">
        <h1>{market.symbol}</h1>
        {onChoose !== null && (
          <button type="button" className="button" aria-keyshortcuts="/" onClick={onChoose}>{t("trade.markets.choose")} <kbd>/</kbd></button>
        )}
        {market.status !== "trading" && <Pill tone="warn">{t("trade.head.paused")}</Pill>}
      </div>
      <Composite market={market} />
      <Day market={market} />
    </header>
  );
}

const Composite = memo(function Composite({ market }: { market: Market }): ReactNode {
  const { t } = useTranslation("retail");
  const quotes = useLatest("quotes", market.symbol);
  const composite = quotes?.composite;
  return (
    <div className="retail-composite">
      <strong className="retail-big"><Flash value={composite?.price ?? null} tick={market.tick} /></strong>
      <span className="row">
        <span className="dim">{t("trade.head.composite")}</span>
        {composite !== undefined && <Pill tone={TONES[composite.state] ?? "plain"}>{t(`trade.state.${composite.state}`)}</Pill>}
        {composite?.confidence != null && (
          <span className="dim number" title={t("trade.head.confidence_hint")}>± <Price value={composite.confidence} tick={market.tick} /></span>
        )}
        <Staleness symbol={market.symbol} />
      </span>
    </div>
  );
});

function Staleness({ symbol }: { symbol: string }): ReactNode {
  const { t } = useTranslation("retail");
  const age = useAge(`quotes:${symbol}`);
  return age !== null && age > STALE_S ? <Pill tone="bad">{t("trade.head.old", { seconds: age })}</Pill> : null;
}

function Day({ market }: { market: Market }): ReactNode {
  const { t } = useTranslation("retail");
  const { language } = useSettings().settings;
  const { data } = useStats(market.symbol);
  if (data === undefined) return null;
  const way = sign(data.change_fraction);
  const tone = { 1: "up", 0: "dim", "-1": "down" } as const;
  const mark = { 1: "▲ +", 0: "", "-1": "▼ " } as const;
  return (
    <dl className="retail-stats">
      <div><dt>{t("trade.head.change")}</dt>
        <dd className={`number ${tone[way]}`}>{mark[way]}{formatPercent(data.change_fraction, language).replace("-", "−")}</dd></div>
      <div><dt>{t("trade.head.high")}</dt><dd><Price value={data.high} tick={market.tick} /></dd></div>
      <div><dt>{t("trade.head.low")}</dt><dd><Price value={data.low} tick={market.tick} /></dd></div>
      <div><dt>{t("trade.head.volume")}</dt><dd className="number">{short(data.volume, language)} {market.base}</dd></div>
      <div><dt>{t("trade.head.turnover")}</dt><dd className="number">{short(data.quote_volume, language)} {market.quote}</dd></div>
      <div><dt>{t("trade.head.minimum")}</dt><dd><Amount value={market.min_notional} asset={market.quote} /></dd></div>
    </dl>
  );
}
