// The line of one balance: in the asset, or in hours of what leaves. Two empty fields end it.

import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "@/api/client";
import { Confirm } from "@/kit/Dialog";
import { AmountField, Select } from "@/kit/fields";
import { canonical, isDecimal } from "@/money/decimal";
import { placeName } from "../place";
import { useLines, type Balance, type Line } from "../reads";

const given = (text: string): string => (text.trim() === "" ? "0" : isDecimal(text) ? canonical(text) : text);
const typed = (value: string | undefined): string => (value === undefined || value === "0" ? "" : value);

export function LineDialog({ row, onClose }: { row: Balance; onClose: () => void }): ReactNode {
  const { data } = useLines();
  if (data === undefined) return null;
  const line = data.find((one) => one.location === row.location && one.asset === row.asset);
  return <Edit row={row} line={line} onClose={onClose} />;
}

function Edit({ row, line, onClose }: { row: Balance; line: Line | undefined; onClose: () => void }): ReactNode {
  const { t } = useTranslation("treasury");
  const client = useQueryClient();
  const [unit, setUnit] = useState<Line["unit"]>(line?.unit ?? "amount");
  const [warning, setWarning] = useState(typed(line?.warning));
  const [critical, setCritical] = useState(typed(line?.critical));
  const blank = warning.trim() === "" && critical.trim() === "";
  const act = async (): Promise<void> => {
    const body = { location: row.location, asset: row.asset, unit, warning: given(warning), critical: given(critical) };
    await ask(api.POST("/v1/treasury/lines", { body }));
    await client.invalidateQueries({ queryKey: ["treasury"] });
  };
  return (
    <Confirm title={t("line.of", { name: `${placeName(row.location)} ${row.asset}` })} isOpen onClose={onClose} act={act}
      verb={t(blank ? "line.remove" : "line.save")} danger={blank}>
      <p className="dim">{t("line.note")}</p>
      <Select label={t("line.unit")} value={unit} onChange={(id) => { setUnit(id as Line["unit"]); }}
        choices={(["amount", "hours"] as const).map((id) => ({ id, text: t(`line.in.${id}`, { asset: row.asset }) }))} />
      <AmountField label={t("line.warning")} value={warning} onChange={setWarning} />
      <AmountField label={t("line.critical")} value={critical} onChange={setCritical} />
    </Confirm>
  );
}
