// Where, how long and in which parts. The usual choice needs none of it, so most of it is folded away.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { AmountField, Select } from "@/kit/fields";
import { useSettings } from "@/settings/settings";
import type { Market } from "../data";
import { venueName } from "../venues";
import { useChange, useDraft } from "./context";
import { shows, timesOf, type Time } from "./draft";
import { useComplaint } from "./useComplaint";
import type { Ticket } from "./useTicket";

interface Props {
  market: Market;
  ticket: Ticket;
  tried: boolean;
}

export function Options({ market, ticket, tried }: Props): ReactNode {
  const { t } = useTranslation("retail");
  const draft = useDraft();
  const change = useChange();
  const complaint = useComplaint(ticket.complaints, tried);
  const venues = ticket.quotes?.venues.map(({ venue }) => ({ id: venue, text: venueName(venue) })) ?? [];
  return (
    <>
      <div className="retail-two">
        <Select label={t("trade.ticket.venue")} value={draft.venue} choices={[{ id: "best", text: t("trade.ticket.best") }, ...venues]}
          onChange={(venue) => { change({ venue }); }} />
        <Select label={t("trade.ticket.time")} value={draft.time} choices={timesOf(draft).map((id) => ({ id, text: t(`trade.time.${id}`) }))}
          onChange={(time) => { change({ time: time as Time }); }} />
      </div>
      {draft.time === "gtd" && <Expiry error={complaint("expires")} />}
      <details className="retail-more">
        <summary>{t("trade.ticket.more")}</summary>
        <div className="stack">
          {shows.tolerance(draft) && <AmountField label={t("trade.ticket.tolerance")} value={draft.tolerance} error={complaint("tolerance")}
            onChange={(tolerance) => { change({ tolerance }); }} />}
          {shows.postOnly(draft) && <Check label={t("trade.ticket.post_only")} on={draft.postOnly} onChange={(postOnly) => { change({ postOnly }); }} />}
          {shows.iceberg(draft) && <Check label={t("trade.ticket.iceberg")} on={draft.iceberg} onChange={(iceberg) => { change({ iceberg }); }} />}
          {draft.iceberg && <AmountField label={t("trade.ticket.display", { asset: market.base })} value={draft.display} error={complaint("display")}
            onChange={(display) => { change({ display }); }} />}
          {shows.twap(draft) && <Check label={t("trade.ticket.twap")} on={draft.twap} onChange={(twap) => { change({ twap }); }} />}
          {draft.twap && (
            <div className="retail-two">
              <AmountField label={t("trade.ticket.minutes")} value={draft.minutes} error={complaint("minutes")} onChange={(minutes) => { change({ minutes }); }} />
              <AmountField label={t("trade.ticket.slices")} value={draft.slices} error={complaint("slices")} onChange={(slices) => { change({ slices }); }} />
            </div>
          )}
          <AlwaysReview />
        </div>
      </details>
    </>
  );
}

function Check({ label, on, onChange }: { label: string; on: boolean; onChange: (on: boolean) => void }): ReactNode {
  return (
    <label className="retail-check">
      <input type="checkbox" checked={on} onChange={(event) => { onChange(event.target.checked); }} />{label}
    </label>
  );
}

function AlwaysReview(): ReactNode {
  const { t } = useTranslation("retail");
  const { settings, change } = useSettings();
  return <Check label={t("trade.ticket.always_review")} on={settings.confirmOrders} onChange={(confirmOrders) => { change({ confirmOrders }); }} />;
}

function Expiry({ error }: { error: string | undefined }): ReactNode {
  const { t } = useTranslation("retail");
  const draft = useDraft();
  const change = useChange();
  const { zone } = useSettings().settings;
  return (
    <label className="field">
      <span className="label">{t(zone === "utc" ? "trade.ticket.expires_utc" : "trade.ticket.expires_local")}</span>
      <input type="datetime-local" max="9999-12-31T23:59" value={draft.expires} data-invalid={error === undefined ? undefined : true} aria-invalid={error !== undefined}
        onChange={(event) => { change({ expires: event.target.value }); }} />
      {error !== undefined && <span className="field-error">{error}</span>}
    </label>
  );
}
