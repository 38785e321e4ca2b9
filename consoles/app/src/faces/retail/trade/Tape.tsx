// What was traded last at all venues, newest first.

import { memo, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { useMessages } from "@/feed/hooks";
import { Panel } from "@/kit/Panel";
import { Empty, Skeleton } from "@/kit/states";
import { Price, When } from "@/kit/values";
import { placesOf, type Decimal } from "@/money/decimal";
import { formatCut } from "@/money/format";
import { useSettings } from "@/settings/settings";
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
        <div className="retail-tape" role="group" tabIndex={0} aria-label={t("trade.tape.list")}>
          <table className="table">
            <thead><tr>
              <th scope="col">{t("trade.tape.at")}</th><th scope="col" className="end">{t("trade.tape.price")}</th>
              <th scope="col" className="end">{t("trade.tape.quantity")}</th><th scope="col">{t("trade.tape.venue")}</th>
            </tr></thead>
            <tbody>{trades.map((trade, place) => <Row key={place} {...trade} tick={market.tick} lot={market.lot} />)}</tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

const Row = memo(function Row({ side, price, quantity, venue, at, tick, lot }: Omit<Trade, "id"> & { tick: Decimal; lot: Decimal }): ReactNode {
  const { t } = useTranslation("retail");
  const { language } = useSettings().settings;
  const way = side === "buy" ? "up" : "down";
  return (
    <tr>
      <td><When at={at} clock /></td>
      <td className={`end ${way}`} title={t(`trade.side.${side}`)}>
        <span className="visually-hidden">{t(`trade.side.${side}`)}</span><span aria-hidden="true">{side === "buy" ? "▲" : "▼"}</span> <Price value={price} tick={tick} />
      </td>
      <td className="end number">{formatCut(quantity, placesOf(lot), language)}</td>
      <td><Venue venue={venue} /></td>
    </tr>
  );
});
