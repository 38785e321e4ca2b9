// The order in words, before it is sent: always if the settings say so, and whenever it is a risky one.

import type { ReactNode } from "react";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { Confirm } from "@/kit/Dialog";
import { Amount, Facts, Price, When } from "@/kit/values";
import { mul } from "@/money/decimal";
import { useFormat } from "../format";
import type { Market } from "../data";
import { venueName } from "../venues";
import type { Request } from "./body";
import type { Ticket } from "./useTicket";

interface Props {
  request: Request;
  market: Market;
  ticket: Ticket;
  send: () => Promise<void>;
  onClose: () => void;
}

export function Review({ request, market, ticket, send, onClose }: Props): ReactNode {
  const { t } = useTranslation("retail");
  const format = useFormat();
  const { side } = request.body;
  const kind = request.to === "pair" ? "oco" : request.body.type;
  return (
    <Confirm title={t("trade.review.title")} isOpen onClose={onClose} act={send} verb={t(`trade.submit.${side}`, { base: market.base, kind: t(`trade.kind.${kind}`) })}>
      {ticket.risks.length > 0 && (
        <ul className="notice warn retail-risks">
          {ticket.risks.map((risk) => (
            <li key={risk.key}>! {t(`trade.risk.${risk.key}`, {
              share: risk.values?.share === undefined ? "" : format.percent(risk.values.share), state: risk.values?.state === undefined ? "" : t(`trade.state.${risk.values.state}`),
            })}</li>
          ))}
        </ul>
      )}
      <Facts rows={[
        [t("trade.review.order"), <b key="o">{t(`trade.side.${side}`)} · {t(`trade.kind.${kind}`)} · {market.symbol}</b>],
        ...wishes(request, market, t),
        [t("trade.ticket.venue"), request.body.venue === "best" ? t("trade.ticket.best") : venueName(request.body.venue)],
        ...expected(ticket, market, t),
      ]} />
    </Confirm>
  );
}

type Rows = [string, ReactNode][];
type Say = TFunction<"retail">;

function wishes(request: Request, market: Market, t: Say): Rows {
  const rows: Rows = [];
  const price = (key: string, value: string | null | undefined): void => {
    if (value != null) rows.push([t(key, { asset: market.quote }), <Price key={key} value={value} tick={market.tick} />]);
  };
  const amount = (key: string, value: string | null | undefined, asset: string): void => {
    if (value != null) rows.push([t(key, { asset }), <Amount key={key} value={value} asset={asset} />]);
  };
  const { body } = request;
  amount("trade.ticket.quantity", body.quantity, market.base);
  price("trade.ticket.limit", body.limit_price);
  price("trade.ticket.stop", body.stop_price);
  if (request.to === "pair") price("trade.ticket.stop_limit", request.body.stop_limit_price);
  else {
    const { trail, algo } = request.body;
    amount(request.body.side === "buy" ? "trade.ticket.spend" : "trade.ticket.receive", request.body.quote_quantity, market.quote);
    amount("trade.ticket.display", request.body.display_quantity, market.base);
    if (trail != null) rows.push([t("trade.ticket.trail"), trail.amount == null ? `${mul(trail.fraction ?? "0", "100")} %` : <Amount key="t" value={trail.amount} asset={market.quote} />]);
    if (algo != null) rows.push([t("trade.kind.twap"), t("trade.review.slices", { slices: String(algo.twap.slices), minutes: String(algo.twap.duration_s / 60) })]);
    if (request.body.post_only) rows.push([t("trade.ticket.post_only"), "✓"]);
  }
  if (body.time_in_force != null) rows.push([t("trade.ticket.time"), t(`trade.time.${body.time_in_force}`)]);
  if (body.expires_at != null) rows.push([t("trade.review.expires"), <When key="x" at={body.expires_at} />]);
  return rows;
}

function expected({ estimate }: Ticket, market: Market, t: Say): Rows {
  if (estimate === null) return [];
  return [
    [t("trade.expect.price"), <>≈ <Price value={estimate.average} tick={market.tick} /></>],
    [t("trade.expect.fee"), <>≈ <Price value={estimate.fee} tick={market.tick} /> {market.quote}</>],
    [t("trade.review.total"), <b key="n">≈ <Price value={estimate.net} tick={market.tick} /> {market.quote}</b>],
  ];
}
