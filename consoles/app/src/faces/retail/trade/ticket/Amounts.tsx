// How much: by quantity, or for a market order by the amount of quote, with a slider over what one has.

import { useEffect, useRef, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { AmountField } from "@/kit/fields";
import { Amount } from "@/kit/values";
import type { Market } from "../data";
import { Segmented } from "../Segmented";
import { useChange, useDraft } from "./context";
import { shows } from "./draft";
import { sharePart } from "./share";
import { useComplaint } from "./useComplaint";
import type { Ticket } from "./useTicket";

const SHARES = ["25", "50", "75", "100"] as const;

interface Props {
  market: Market;
  ticket: Ticket;
  tried: boolean;
}

export function Amounts({ market, ticket, tried }: Props): ReactNode {
  const { t } = useTranslation("retail");
  const draft = useDraft();
  const change = useChange();
  const complaint = useComplaint(ticket.complaints, tried);
  const box = useRef<HTMLDivElement>(null);
  // Ready to type at once; not where focus would open a keyboard over half the screen.
  useEffect(() => {
    if (matchMedia("(pointer: fine)").matches) box.current?.querySelector("input")?.focus({ preventScroll: true });
  }, []);
  const byAmount = shows.amount(draft);
  return (
    <div ref={box} className="stack retail-amounts">
      <div className="retail-pair">
        {byAmount
          ? <AmountField label={t(draft.side === "buy" ? "trade.ticket.spend" : "trade.ticket.receive", { asset: market.quote })} value={draft.amount}
              error={complaint("amount")} onChange={(amount) => { change({ amount }); }} />
          : <AmountField label={t("trade.ticket.quantity", { asset: market.base })} value={draft.quantity} error={complaint("quantity")}
              onChange={(quantity) => { change({ quantity }); }} />}
        {draft.kind === "market" && (
          <Segmented label={t("trade.ticket.by")} value={draft.by} small onChange={(by) => { change({ by }); }}
            choices={[{ id: "base", text: market.base }, { id: "quote", text: market.quote }]} />
        )}
      </div>
      <Share ticket={ticket} />
      <Available market={market} ticket={ticket} />
    </div>
  );
}

function Share({ ticket }: { ticket: Ticket }): ReactNode {
  const { t } = useTranslation("retail");
  const draft = useDraft();
  const change = useChange();
  const take = (percent: string): void => {
    const part = sharePart(percent, draft, ticket.around);
    if (part !== null) change(part);
  };
  const possible = sharePart("100", draft, ticket.around) !== null;
  return (
    <div className="retail-share" role="group" aria-label={t("trade.ticket.share")}>
      <input key={`${draft.side} ${draft.kind}`} type="range" min="0" max="100" step="1" defaultValue="0" disabled={!possible} aria-label={t("trade.ticket.share")}
        onChange={(event) => { take(event.target.value); }} />
      {SHARES.map((percent) => (
        <button key={percent} type="button" className="retail-chip number" disabled={!possible} onClick={() => { take(percent); }}>{percent} %</button>
      ))}
    </div>
  );
}

function Available({ market, ticket }: { market: Market; ticket: Ticket }): ReactNode {
  const { t } = useTranslation("retail");
  const { side } = useDraft();
  const { available } = ticket.around;
  return (
    <p className="retail-line">
      <span className="dim">{t("trade.ticket.available")}</span>
      {side === "buy" ? <Amount value={available?.quote} asset={market.quote} /> : <Amount value={available?.base} asset={market.base} />}
    </p>
  );
}
