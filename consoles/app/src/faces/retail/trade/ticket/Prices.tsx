// The prices of an order: its limit, its stop, the limit behind the stop, or the trail.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { AmountField } from "@/kit/fields";
import { toGrid, type Decimal } from "@/money/decimal";
import type { Market } from "../data";
import { useFormat } from "../format";
import { Segmented } from "../Segmented";
import { useChange, useDraft } from "./context";
import { shows } from "./draft";
import { useComplaint } from "./useComplaint";
import type { Ticket } from "./useTicket";

interface Props {
  market: Market;
  ticket: Ticket;
  tried: boolean;
}

export function Prices({ market, ticket, tried }: Props): ReactNode {
  const { t } = useTranslation("retail");
  const draft = useDraft();
  const change = useChange();
  const complaint = useComplaint(ticket.complaints, tried);
  const field = (name: "limit" | "stop" | "stopLimit", label: string): ReactNode => (
    <AmountField label={t(label, { asset: market.quote })} value={draft[name]} error={complaint(name)} onChange={(text) => { change({ [name]: text }); }} />
  );
  return (
    <>
      {shows.stop(draft) && field("stop", draft.kind === "take_profit" ? "trade.ticket.target" : "trade.ticket.stop")}
      {shows.limit(draft) && field("limit", "trade.ticket.limit")}
      {shows.limit(draft) && <Nearby market={market} ticket={ticket} take={(price) => { change({ limit: price }); }} />}
      {shows.stopLimit(draft) && field("stopLimit", draft.kind === "oco" ? "trade.ticket.stop_limit" : "trade.ticket.target_limit")}
      {shows.trail(draft) && <Trail market={market} error={complaint("trail")} />}
    </>
  );
}

/** The best prices of this moment, to start from. */
function Nearby({ market, ticket, take }: { market: Market; ticket: Ticket; take: (price: Decimal) => void }): ReactNode {
  const { t } = useTranslation("retail");
  const format = useFormat();
  const { best, composite } = ticket.quotes ?? { best: { buy: null, sell: null }, composite: null };
  const prices = [["bid", best.sell?.price], ["composite", composite?.price], ["ask", best.buy?.price]] as const;
  return (
    <div className="row retail-nearby">
      {prices.map(([name, price]) => price != null && (
        <button key={name} type="button" className="retail-chip number" onClick={() => { take(toGrid(price, market.tick)); }}>
          {t(`trade.ticket.near_${name}`)} {format.price(price, market.tick)}
        </button>
      ))}
    </div>
  );
}

function Trail({ market, error }: { market: Market; error: string | undefined }): ReactNode {
  const { t } = useTranslation("retail");
  const draft = useDraft();
  const change = useChange();
  return (
    <div className="retail-pair">
      <AmountField label={t("trade.ticket.trail")} value={draft.trail} error={error} onChange={(trail) => { change({ trail }); }} />
      <Segmented label={t("trade.ticket.trail_by")} value={draft.trailBy} small onChange={(trailBy) => { change({ trailBy }); }}
        choices={[{ id: "percent", text: "%" }, { id: "amount", text: market.quote }]} />
    </div>
  );
}
