// A price with what two venues show, or the wish that a freeze may last: a second person agrees before it counts.

import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { once } from "@/api/intent";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { AmountField, Select, TextField } from "@/kit/fields";
import { useToasts } from "@/kit/toasts";
import { Amount } from "@/kit/values";
import { venueName } from "@/kit/venue";
import { bodyOf, faultOf, newDraft, type Draft } from "./model";
import { enter, useMarketNames, useShown } from "./reads";

export function EnterPrice({ market, onClose }: { market: string; onClose: () => void }): ReactNode {
  const { t } = useTranslation("lending_prices");
  const client = useQueryClient();
  const { tell } = useToasts();
  const { data: markets = [] } = useMarketNames();
  const [draft, setDraft] = useState(() => newDraft(market));
  const set = (part: Partial<Draft>): void => { setDraft({ ...draft, ...part }); };
  const fault = faultOf(draft);
  const act = async (): Promise<void> => {
    const body = bodyOf(draft);
    await once("enter a price", body, (header) => enter(body, header));
    await Promise.all(["lending", "approvals"].map((key) => client.invalidateQueries({ queryKey: [key] })));
    tell(t("entry.asked"), "good");
  };
  return (
    <Confirm title={t("entry.enter")} isOpen onClose={onClose} act={act} verb={t("entry.ask")} ready={fault === null}>
      <Select label={t("entry.what")} value={draft.what} onChange={(id) => { set({ what: id === "last" ? "last" : "price" }); }}
        choices={(["price", "last"] as const).map((id) => ({ id, text: t(`entry.whats.${id}`) }))} />
      <p className="dim">{t(`entry.means.${draft.what}`)}</p>
      <Select label={t("col.market")} value={draft.market} choices={markets.map((id) => ({ id, text: id }))} onChange={(id) => { set({ market: id }); }} />
      {draft.what === "price" && draft.market !== "" && <Witnesses draft={draft} set={set} />}
      <TextField label={t("entry.minutes")} value={draft.minutes} onChange={(minutes) => { set({ minutes }); }} inputMode="numeric" autoComplete="off" />
      <TextField label={t("entry.reason")} value={draft.reason} onChange={(reason) => { set({ reason }); }} maxLength={500} isRequired />
      <p role="status" className="dim">{fault === null ? t("entry.ready") : t(`entry.fault.${fault}`)}</p>
    </Confirm>
  );
}

function Witnesses({ draft, set }: { draft: Draft; set: (part: Partial<Draft>) => void }): ReactNode {
  const { t } = useTranslation("lending_prices");
  const quote = draft.market.split("-")[1] ?? "";
  const change = (place: number, part: Partial<Draft["venues"][number]>): void => {
    set({ venues: draft.venues.map((one, n) => (n === place ? { ...one, ...part } : one)) });
  };
  return (
    <>
      <AmountField label={t("entry.price", { quote })} value={draft.price} onChange={(price) => { set({ price }); }} isRequired />
      <MarketNow market={draft.market} quote={quote} />
      {draft.venues.map((one, place) => (
        <div key={place} className="loanbook-witness">
          <TextField label={t("entry.venue", { n: place + 1 })} value={one.venue} onChange={(venue) => { change(place, { venue }); }} autoComplete="off" maxLength={32} />
          <AmountField label={t("entry.shows", { n: place + 1, quote })} value={one.price} onChange={(price) => { change(place, { price }); }} />
        </div>
      ))}
      <div><Button kind="quiet" onPress={() => { set({ venues: [...draft.venues, { venue: "", price: "" }] }); }}>{t("entry.add")}</Button></div>
    </>
  );
}

/** What the venues show here at this moment, to compare with; nothing is filled in by itself. */
function MarketNow({ market, quote }: { market: string; quote: string }): ReactNode {
  const { t } = useTranslation("lending_prices");
  const { data } = useShown(market);
  if (data === undefined) return null;
  const shown = data.venues.flatMap(({ venue, bid, ask }) => (bid == null || ask == null ? [] : [{ venue, bid, ask }]));
  if (shown.length === 0) return <p className="dim">{t("entry.dark")}</p>;
  return (
    <p className="dim">
      {t("entry.now")} {shown.map(({ venue, bid, ask }) => <span key={venue} className="loanbook-shown">{venueName(venue)} <Amount value={bid} /> / <Amount value={ask} asset={quote} /></span>)}
    </p>
  );
}
