// Where money may go. A new address waits before it can be used, so that whoever stole a session for an hour gains nothing by it.

import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { Table } from "@/kit/Table";
import { Pill } from "@/kit/values";
import { Address } from "../Address";
import { Frame } from "../Frame";
import { removeEntry, useBook } from "../reads";
import type { Entry } from "../wire";
import { ENTRY_TONES, useWords } from "../words";
import { AddForm } from "./AddForm";

export default function BookRoom(): ReactNode {
  const { t } = useWords();
  return (
    <Frame title={t("book.title")} intro={t("book.intro")}>
      {(networks) => (
        <div className="funding-split">
          <Panel title={t("book.add")}><AddForm networks={networks} /></Panel>
          <Panel title={t("book.list")}><List /></Panel>
        </div>
      )}
    </Frame>
  );
}

function List(): ReactNode {
  const { t, time, network } = useWords();
  const [leaving, setLeaving] = useState<Entry | null>(null);
  return (
    <>
      <Loaded query={useBook()} empty={<Empty title={t("book.none")} />}>
        {(entries) => <div className="deeds-last"><Table name={t("book.list")} rows={entries} rowKey={(one) => one.id} columns={[
          { key: "label", title: t("book.label"), cell: (one) => <strong>{one.label}</strong> },
          { key: "address", title: t("book.address"), wrap: true, cell: (one) => <><Address of={one.address} />{one.memo !== null && <p>{t("book.with_memo", { memo: one.memo })}</p>}</> },
          { key: "status", title: t("col.status"), wrap: true, cell: (one) => (
            <><Pill tone={ENTRY_TONES[one.status]}>{t(`book.status.${one.status}`)}</Pill>{one.status === "waiting" && <p className="dim">{t("book.waits_until", { at: time(one.active_from) })}</p>}</>
          ) },
          { key: "network", title: t("col.network"), cell: (one) => network(one.network) },
          { key: "deeds", title: t("col.actions"), cell: (one) => <Button kind="quiet" aria-label={t("book.remove_of", { label: one.label })} onPress={() => { setLeaving(one); }}>{t("book.remove")}</Button> },
        ]} /></div>}
      </Loaded>
      {leaving !== null && <Remove one={leaving} onClose={() => { setLeaving(null); }} />}
    </>
  );
}

function Remove({ one, onClose }: { one: Entry; onClose: () => void }): ReactNode {
  const { t } = useWords();
  const client = useQueryClient();
  const act = async (): Promise<void> => {
    try {
      await removeEntry(one.id);
    } finally {
      await client.invalidateQueries({ queryKey: ["address-book"] });
    }
  };
  return (
    <Confirm title={t("book.remove_of", { label: one.label })} isOpen onClose={onClose} act={act} verb={t("book.remove")} danger>
      <Address of={one.address} />
      <p>{t("book.remove_means")}</p>
    </Confirm>
  );
}
