// Breakers hold sales back, for one collateral or for all. Setting one says first what it does.

import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Who } from "@/faces/finance/parts/values";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { Select, TextField } from "@/kit/fields";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { Table } from "@/kit/Table";
import { useToasts } from "@/kit/toasts";
import { Pill, When } from "@/kit/values";
import { useSession } from "@/session/session";
import { EVERY_ASSET } from "./model";
import { setBreaker, useBreakers, useSellable } from "./reads";

const LEVELS = ["0", "1", "2", "3"] as const;
const FEWEST_LETTERS = 3;

export function Breakers(): ReactNode {
  const { t } = useTranslation("lending_sales");
  const { may } = useSession();
  const [setting, setSetting] = useState(false);
  return (
    <Panel title={t("breaker.title")} actions={may("lending:decide") && <Button onPress={() => { setSetting(true); }}>{t("breaker.set")}</Button>}>
      <Loaded query={useBreakers()} empty={<Empty title={t("breaker.none")} />}>
        {(rows) => (
          <Table name={t("breaker.title")} rows={rows} rowKey={(row) => row.asset} columns={[
            { key: "asset", title: t("col.collateral"), cell: (row) => (row.asset === EVERY_ASSET ? t("breaker.every") : row.asset) },
            { key: "level", title: t("col.level"), cell: (row) => <Pill tone={row.level === 0 ? "plain" : row.level === 3 ? "bad" : "warn"}>{t(`breaker.level.${row.level}`)}</Pill> },
            { key: "reason", title: t("col.reason"), wrap: true, cell: (row) => row.reason },
            { key: "by", title: t("col.by"), cell: (row) => <Who id={row.set_by} /> },
            { key: "at", title: t("col.at"), cell: (row) => <When at={row.at} /> },
          ]} />
        )}
      </Loaded>
      {setting && <SetBreaker onClose={() => { setSetting(false); }} />}
    </Panel>
  );
}

function SetBreaker({ onClose }: { onClose: () => void }): ReactNode {
  const { t } = useTranslation("lending_sales");
  const client = useQueryClient();
  const { tell } = useToasts();
  const { data: assets = [] } = useSellable();
  const [asset, setAsset] = useState(EVERY_ASSET);
  const [level, setLevel] = useState<string>("1");
  const [reason, setReason] = useState("");
  const act = async (): Promise<void> => {
    await setBreaker({ asset, level: LEVELS.findIndex((one) => one === level), reason: reason.trim() });
    await client.invalidateQueries({ queryKey: ["lending"] });
    tell(t("breaker.done"), "good");
  };
  return (
    <Confirm title={t("breaker.set")} isOpen onClose={onClose} act={act} verb={t("breaker.set")} danger={level !== "0"} ready={reason.trim().length >= FEWEST_LETTERS}>
      <Select label={t("col.collateral")} value={asset} onChange={setAsset} choices={[{ id: EVERY_ASSET, text: t("breaker.every") }, ...assets.map((id) => ({ id, text: id }))]} />
      <Select label={t("col.level")} value={level} onChange={setLevel} choices={LEVELS.map((id) => ({ id, text: `${id} · ${t(`breaker.level.${id}`)}` }))} />
      <p>{t(`breaker.does.${level}`)}</p>
      <TextField label={t("deed.reason")} value={reason} onChange={setReason} maxLength={500} isRequired />
    </Confirm>
  );
}
