// What will probably come of it: price, cost, fee and slippage from the depth that is shown now, and the most it may become.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Percent, Price } from "@/kit/values";
import { add, canonical, isDecimal, isZero, larger, mul, placesOf, sub, type Decimal } from "@/money/decimal";
import { formatPrice } from "@/money/format";
import { useSettings } from "@/settings/settings";
import { useFees, type Market } from "../data";
import { useFormat } from "../format";
import { useDraft } from "./context";
import { shows, type Draft } from "./draft";
import type { Ticket } from "./useTicket";

/** Markets of fine ticks are quoted in coins, and those are counted to eight places. */
const CENTS = 5;
const FINEST = "0.00000001";

export function Expectation({ market, ticket }: { market: Market; ticket: Ticket }): ReactNode {
  const { t } = useTranslation("retail");
  const draft = useDraft();
  const { estimate, around } = ticket;
  const buy = draft.side === "buy";
  return (
    <dl className="retail-expect">
      {estimate !== null
        ? <>
            <Line name={t("trade.expect.price")}>≈ <Price value={estimate.average} tick={market.tick} /></Line>
            {shows.amount(draft) && <Line name={t("trade.expect.quantity")}>≈ <Cash value={estimate.quantity} step={market.lot} asset={market.base} /></Line>}
            <Line name={t("trade.expect.slippage")}>≈ <Percent share={estimate.slippage} places={3} /></Line>
            <Line name={t("trade.expect.fee")}>≈ <Cash value={estimate.fee} step={market.tick} asset={market.quote} /> (<Percent share={around.feeRate} places={2} />)</Line>
            <Line name={t(buy ? "trade.expect.cost" : "trade.expect.proceeds")}>≈ <b><Cash value={estimate.net} step={market.tick} asset={market.quote} /></b></Line>
          </>
        : <Waiting market={market} draft={draft} ticket={ticket} />}
      {draft.kind === "market" && !draft.twap && around.edge !== null && <Line name={t("trade.expect.worst")}><Price value={around.edge} tick={market.tick} /></Line>}
      {estimate !== null && !estimate.covered && <p className="retail-warn">! {t(draft.kind === "limit" ? "trade.expect.rest" : "trade.expect.thin")}</p>}
    </dl>
  );
}

/** An order that waits costs what its own price says. */
function Waiting({ market, draft, ticket }: { market: Market; draft: Draft; ticket: Ticket }): ReactNode {
  const { t } = useTranslation("retail");
  const { data: fees } = useFees();
  const price = shows.limit(draft) ? draft.limit : shows.stop(draft) ? draft.stop : "";
  const known = isDecimal(price) && isDecimal(draft.quantity);
  const rests = draft.kind === "limit" && !ticket.atOnce;
  const rate = rests ? (fees?.maker ?? ticket.around.feeRate) : ticket.around.feeRate;
  const cost = known ? mul(canonical(price), canonical(draft.quantity)) : null;
  const fee = cost === null ? null : mul(cost, rate);
  const buy = draft.side === "buy";
  return (
    <>
      <Line name={t("trade.expect.fee")}>{fee === null ? "–" : <>≈ <Cash value={fee} step={market.tick} asset={market.quote} /></>} (<Percent share={rate} places={2} />)</Line>
      <Line name={t(buy ? "trade.expect.cost" : "trade.expect.proceeds")}>
        {cost === null || fee === null ? "–" : <>≈ <b><Cash value={buy ? add(cost, fee) : sub(cost, fee)} step={market.tick} asset={market.quote} /></b></>}
      </Line>
    </>
  );
}

/** An amount as fine as the market counts; a fee too small for that keeps its digits. */
function Cash({ value, step, asset }: { value: Decimal; step: Decimal; asset: string }): ReactNode {
  const { language } = useSettings().settings;
  const format = useFormat();
  const fine = placesOf(step) < CENTS ? "0.01" : FINEST;
  const tiny = !isZero(value) && larger(value, fine) === fine;
  return <span className="number">{tiny ? format.exact(value) : formatPrice(value, fine, language)} {asset}</span>;
}

function Line({ name, children }: { name: string; children: ReactNode }): ReactNode {
  return <div><dt>{name}</dt><dd>{children}</dd></div>;
}
