import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { api, ask } from "@/api/client";
import { once } from "@/api/intent";
import { Button } from "@/kit/Button";
import { Select, TextField } from "@/kit/fields";
import { Failed } from "@/kit/states";
import { LEVELS, SOURCES, type Level } from "./words";

export function StartRun(): ReactNode {
  const { t } = useTranslation("finance");
  const client = useQueryClient();
  const navigate = useNavigate();
  const [source, setSource] = useState<string>("balances");
  const [level, setLevel] = useState<Level>("batch");
  const [date, setDate] = useState("");
  const [scope, setScope] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const start = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const body = { source, level, date: date === "" ? null : date, scope: scope.trim() === "" ? null : scope.trim() };
      const run = await once("run", body, (header) => ask(api.POST("/v1/reconciliation/runs", { body, params: { header } })));
      void client.invalidateQueries({ queryKey: ["finance", "runs"] });
      void navigate(`/finance/reconciliation/runs/${run.id}`);
    } catch (refused) {
      setError(refused);
      setBusy(false);
      void client.invalidateQueries({ queryKey: ["finance", "runs"] });
    }
  };
  return (
    <form className="stack" onSubmit={(event) => void start(event)}>
      <div className="finance-form">
        <Select label={t("runs.source")} value={source} choices={SOURCES.map((id) => ({ id, text: t(`recon_source.${id}`) }))} onChange={setSource} />
        <Select label={t("runs.level")} value={level} choices={LEVELS.map((id) => ({ id, text: t(`level.${id}.name`) }))} onChange={(id) => { setLevel(LEVELS.find((known) => known === id) ?? level); }} />
        <TextField label={t("runs.date_optional")} type="date" value={date} onChange={setDate} isRequired={level === "day"} />
        <TextField label={t("runs.scope_optional")} value={scope} onChange={setScope} autoComplete="off" placeholder="binance:USDT" />
        <Button kind="primary" type="submit" busy={busy}>{t("runs.start")}</Button>
      </div>
      <p className="dim">{t(`level.${level}.why`)} {t("runs.survives")}</p>
      {error !== null && <Failed error={error} />}
    </form>
  );
}
