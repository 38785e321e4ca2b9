import script from "../../../../../sdk/verify_reserves.py?raw";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/kit/Button";
import { save } from "@/kit/save";
import { Table } from "@/kit/Table";
import { Amount, Facts, When } from "@/kit/values";
import { Path } from "./Path";
import type { OwnProof, Published } from "./reads";
import { verify, Wrong, type Reason } from "./verify";

type Outcome = { right: true } | { right: false; reason: Reason; asset: string | null };

interface Props {
  proof: OwnProof;
  published: readonly Published[];
}

/** One's own amounts, the check in this browser, and the two files for a check elsewhere. */
export function Own({ proof, published }: Props): ReactNode {
  const { t } = useTranslation("reserves");
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [busy, setBusy] = useState(false);
  const check = async (): Promise<void> => {
    setBusy(true);
    setOutcome(await judged(proof, published));
    setBusy(false);
  };
  return (
    <div className="stack">
      <Facts rows={[
        [t("own.at"), <When key="at" at={proof.at} />],
        [t("own.customer"), <code key="customer" className="reserves-hash">{proof.customer_id}</code>],
      ]} />
      {proof.items.length === 0 ? <p>{t("own.nothing")}</p> : (
        <Table name={t("own.title")} rows={proof.items} rowKey={(row) => row.asset} columns={[
          { key: "asset", title: t("col.asset"), cell: (row) => row.asset },
          { key: "amount", title: t("col.amount"), end: true, cell: (row) => <Amount value={row.amount} /> },
          { key: "place", title: t("col.place"), end: true, cell: (row) => <span className="number">{row.position + 1}</span> },
        ]} />
      )}
      <p className="dim">{t("own.means")}</p>
      <div className="row">
        <Button kind="primary" busy={busy} onPress={() => void check()}>{t("check.verb")}</Button>
        <Button onPress={() => { file("proof", proof); }}>{t("check.proof")}</Button>
        <Button onPress={() => { file("reserves", { items: published }); }}>{t("check.published")}</Button>
        <Button onPress={() => { save("verify_reserves.py", new Blob([script], { type: "text/x-python" })); }}>{t("check.script")}</Button>
      </div>
      <div role="status">{outcome !== null && <Told outcome={outcome} />}</div>
      <p className="dim">{t("check.elsewhere")}</p>
      {proof.items.map((leaf) => <Path key={leaf.asset} leaf={leaf} />)}
    </div>
  );
}

async function judged(proof: OwnProof, published: readonly Published[]): Promise<Outcome> {
  try {
    await verify(proof, published);
    return { right: true };
  } catch (error) {
    return error instanceof Wrong ? { right: false, reason: error.reason, asset: error.asset } : { right: false, reason: "shape", asset: null };
  }
}

function Told({ outcome }: { outcome: Outcome }): ReactNode {
  const { t } = useTranslation("reserves");
  if (outcome.right) return <p className="notice">{t("check.right")}</p>;
  return (
    <div className="notice bad">
      <p>{outcome.asset !== null && `${outcome.asset}: `}{t(`wrong.${outcome.reason}`)}</p>
      {outcome.reason !== "insecure" && <p>{t("check.wrong")}</p>}
    </div>
  );
}

function file(name: string, content: unknown): void {
  save(`${name}.json`, new Blob([JSON.stringify(content, null, 1)], { type: "application/json" }));
}
