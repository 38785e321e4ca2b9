// All markets with their live price; the starred ones first.

import { useId, useState, type ReactNode, type RefObject } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useLatest } from "@/feed/hooks";
import { Empty, Loaded } from "@/kit/states";
import { formatPercent } from "@/money/format";
import { sign } from "@/money/decimal";
import { useSettings } from "@/settings/settings";
import { useMarkets, useStats, type Market } from "../data";
import { Flash } from "../Flash";
import { short } from "./short";
import { useStars } from "./stars";

interface Props {
  symbol: string;
  search?: RefObject<HTMLInputElement | null>;
  autoFocus?: boolean;
  onChosen?: () => void;
}

export function MarketList({ symbol, search, autoFocus = false, onChosen }: Props): ReactNode {
  const { t } = useTranslation("retail");
  const query = useMarkets();
  const { stars, toggle } = useStars();
  const [text, setText] = useState("");
  const id = useId();
  const wanted = text.trim().toUpperCase().replace(/[\s/]/g, "-");
  const found = (markets: Market[]): Market[] =>
    markets.filter((market) => market.symbol.includes(wanted)).sort((a, b) => (stars.has(b.symbol) ? 1 : 0) - (stars.has(a.symbol) ? 1 : 0));
  return (
    <div className="stack">
      <input id={id} ref={search} type="search" className="retail-search" autoFocus={autoFocus} value={text} placeholder={t("trade.markets.search")}
        aria-label={t("trade.markets.search")} aria-keyshortcuts="/" onChange={(event) => { setText(event.target.value); }} />
      <Loaded query={query} isEmpty={(markets) => found(markets).length === 0} empty={<Empty title={t("trade.markets.none")} />}>
        {(markets) => (
          <ul className="retail-markets" aria-label={t("trade.markets.title")}>
            {found(markets).map((market) => (
              <MarketRow key={market.symbol} market={market} isHere={market.symbol === symbol} starred={stars.has(market.symbol)}
                onStar={() => { toggle(market.symbol); }} onChosen={onChosen} />
            ))}
          </ul>
        )}
      </Loaded>
    </div>
  );
}

interface RowProps {
  market: Market;
  isHere: boolean;
  starred: boolean;
  onStar: () => void;
  onChosen: (() => void) | undefined;
}

function MarketRow({ market, isHere, starred, onStar, onChosen }: RowProps): ReactNode {
  const { t } = useTranslation("retail");
  return (
    <li className={isHere ? "here" : undefined}>
      <button type="button" className="retail-star" aria-pressed={starred} aria-label={t("trade.markets.star", { symbol: market.symbol })} onClick={onStar}>
        {starred ? "★" : "☆"}
      </button>
      <Link to={`/trade/${market.symbol}`} aria-current={isHere ? "page" : undefined} onClick={onChosen}>
        <b>{market.symbol}</b>
        <LivePrice market={market} />
        <Day symbol={market.symbol} quote={market.quote} />
      </Link>
    </li>
  );
}

function LivePrice({ market }: { market: Market }): ReactNode {
  const quotes = useLatest("quotes", market.symbol);
  return <Flash value={quotes?.composite.price ?? null} tick={market.tick} />;
}

const CLASSES = { 1: "up", 0: "dim", "-1": "down" } as const;
const SIGNS = { 1: "▲ +", 0: "", "-1": "▼ " } as const;

function Day({ symbol, quote }: { symbol: string; quote: string }): ReactNode {
  const { t } = useTranslation("retail");
  const { language } = useSettings().settings;
  const { data } = useStats(symbol);
  if (data === undefined) return <small className="dim">–</small>;
  const way = sign(data.change_fraction);
  return (
    <small className="retail-day number">
      <span className={CLASSES[way]}>{SIGNS[way]}{formatPercent(data.change_fraction, language).replace("-", "−")}</span>
      <span className="dim">{t("trade.markets.volume", { volume: short(data.quote_volume, language), asset: quote })}</span>
    </small>
  );
}
