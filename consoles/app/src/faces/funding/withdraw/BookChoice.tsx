// Money goes to addresses of the book only. Those that still wait are shown with the moment from which they can be used.

import type { ReactNode } from "react";
import { Link } from "react-router";
import { Loaded } from "@/kit/states";
import { ShortAddress } from "../Address";
import { useBook } from "../reads";
import type { Entry, Network } from "../wire";
import { useWords } from "../words";

export function BookChoice({ of, chosen, onChoose }: { of: Network; chosen: Entry | null; onChoose: (entry: Entry) => void }): ReactNode {
  const { t, time } = useWords();
  return (
    <fieldset className="funding-book">
      <legend>{t("withdraw.to")}</legend>
      <Loaded query={useBook()} lines={3}>
        {(entries) => {
          const fitting = entries.filter(({ network }) => network === of.network);
          return (
            <>
              {fitting.length === 0 && <p>{t("withdraw.no_address", { network: of.title })}</p>}
              {fitting.map((entry) => (
                <label key={entry.id} className="funding-pick">
                  <input type="radio" name="address" value={entry.id} checked={entry.id === chosen?.id} disabled={entry.status !== "active"} onChange={() => { onChoose(entry); }} />
                  <span>
                    <strong>{entry.label}</strong> <ShortAddress of={entry.address} />{entry.memo !== null && <> <span className="dim">{t("book.with_memo", { memo: entry.memo })}</span></>}
                    {entry.status === "waiting" && <><br /><span className="dim">{t("book.waits_until", { at: time(entry.active_from) })}</span></>}
                  </span>
                </label>
              ))}
            </>
          );
        }}
      </Loaded>
      <p><Link to="/address-book">{t("withdraw.to_book")}</Link></p>
    </fieldset>
  );
}
