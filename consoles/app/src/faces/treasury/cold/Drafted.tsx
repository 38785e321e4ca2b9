// What the bytes say, as they were decoded and recomputed here: whom they pay, how much, what comes back, and whether that is what was asked for.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Address } from "@/faces/funding/Address";
import { Table } from "@/kit/Table";
import { Amount, Facts, Pill } from "@/kit/values";
import type { Draft } from "./wire";

export function Drafted({ draft, asset }: { draft: Draft; asset: string }): ReactNode {
  const { t } = useTranslation("treasury_cold");
  return (
    <div className="stack">
      <Judged draft={draft} />
      <div className="treasury-digest" role="group" aria-label={t("draft.digest")}>
        <span className="dim">{t("draft.digest")}</span>
        <Address of={draft.digest} />
        <span className="dim">{t("draft.digest_note")}</span>
      </div>
      <Table name={t("draft.pays")} rows={draft.pays.map((pay, at) => ({ ...pay, at: String(at) }))} rowKey={(pay) => pay.at} columns={[
        { key: "amount", title: t("col.amount"), end: true, cell: (pay) => <strong className={pay.change ? "" : "treasury-large"}><Amount value={pay.amount} asset={asset} /></strong> },
        { key: "to", title: t("draft.pays"), wrap: true, cell: (pay) => <Address of={pay.address} /> },
        { key: "change", title: t("draft.role"), cell: (pay) => <Pill tone={pay.change ? "plain" : "info"}>{t(pay.change ? "draft.change" : "draft.leaves")}</Pill> },
      ]} />
      <Facts rows={[
        [t("draft.wallet"), <Address key="wallet" of={draft.wallet} />],
        ...(draft.fee === null ? [] : [[t("col.fee"), <Amount key="fee" value={draft.fee} asset={asset} />] as const]),
        ...(draft.nonce === null ? [] : [[t("draft.nonce"), <span key="nonce" className="number">{draft.nonce}</span>] as const]),
      ]} />
      {draft.inputs.length > 0 && (
        <Table name={t("draft.inputs")} rows={draft.inputs} rowKey={(input) => `${input.txid}:${String(input.output)}`} columns={[
          { key: "txid", title: t("draft.inputs"), wrap: true, cell: (input) => <Address of={input.txid} /> },
          { key: "output", title: t("draft.output"), end: true, cell: (input) => input.output },
          { key: "amount", title: t("col.amount"), end: true, cell: (input) => <Amount value={input.amount} asset={asset} /> },
        ]} />
      )}
      <Holders draft={draft} />
    </div>
  );
}

function Judged({ draft }: { draft: Draft }): ReactNode {
  const { t } = useTranslation("treasury_cold");
  if (draft.matches) return <p><Pill tone="good">{t("draft.matches")}</Pill></p>;
  return (
    <div className="notice bad" role="alert">
      <p>{t("draft.differs")}</p>
      <ul>{draft.differences.map((one) => <li key={one}><code>{one}</code></li>)}</ul>
    </div>
  );
}

function Holders({ draft }: { draft: Draft }): ReactNode {
  const { t } = useTranslation("treasury_cold");
  const signed = new Set(draft.signed_by);
  return (
    <>
      <p className="treasury-large" role="status">{t("draft.count", { n: draft.signed_by.length, needed: draft.needed })}</p>
      <Table name={t("draft.signatures")} rows={draft.holders} rowKey={(holder) => holder} columns={[
        { key: "holder", title: t("draft.holder"), wrap: true, cell: (holder) => <Address of={holder} /> },
        { key: "signed", title: t("col.state"), cell: (holder) => <Pill tone={signed.has(holder) ? "good" : "plain"}>{t(signed.has(holder) ? "draft.has_signed" : "draft.not_yet")}</Pill> },
      ]} />
    </>
  );
}
