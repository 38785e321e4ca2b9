// What was traded last at all venues, newest first.

import { memo, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useMessages } from "@/feed/hooks";
import { Panel } from "@/kit/Panel";
import { Empty, Skeleton } from "@/kit/states";
import { Amount, Price, When } from "@/kit/values";
import type { Decimal } from "@/money/decimal";
import type { Market } from "./data";
import { Venue } from "./venues";

type Trade = Schemas["TradeOut"];
const ROWS = 30;

export function Tape({ market }: { market: Market }): ReactNode {
  const { t } = useTranslation("retail");
  const [trades, setTrades] = useState<readonly Trade[] | null>(null);
  useMessages(`trades:${market.symbol}`, ({ data }) => {
    setTrades((before) => {
      const known = new Map([...(before ?? []), ...(data as Trade[])].map((trade) => [trade.id, trade]));
      return [...known.values()].sort((a, b) => b.id - a.id).slice(0, ROWS);
    });
  });
  return (
    <Panel title={t("trade.tape.title")}>
      {trades === null && <Skeleton lines={6} />}
      {trades?.length === 0 && <Empty title={t("trade.tape.none")} />}
      {trades !== null && trades.length > 0 && (
        <div className="retail-tape" role="region" tabIndex={0} aria-label={t("trade.tape.title")}>
          <table className="table">
            <thead><tr>
              <th scope="col">{t("trade.tape.side")}</th><th scope="col" className="end">{t("trade.tape.price")}</th>
              <th scope="col" className="end">{t("trade.tape.quantity")}</th><th scope="col">{t("trade.tape.venue")}</th><th scope="col" className="end">{t("trade.tape.at")}</th>
            </tr></thead>
            <tbody>{trades.map((trade, place) => <Row key={place} {...trade} tick={market.tick} />)}</tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

const Row = memo(function Row({ side, price, quantity, venue, at, tick }: Omit<Trade, "id"> & { tick: Decimal }): ReactNode {
  const { t } = useTranslation("retail");
  const way = side === "buy" ? "up" : "down";
  return (
    <tr>
      <td className={way}><span aria-hidden="true">{side === "buy" ? "▲" : "▼"}</span> {t(`trade.side.${side}`)}</td>
      <td className={`end ${way}`}><Price value={price} tick={tick} /></td>
      <td className="end"><Amount value={quantity} /></td>
      <td><Venue venue={venue} /></td>
      <td className="end"><When at={at} clock /></td>
    </tr>
  );
});
