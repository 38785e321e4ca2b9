import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Button } from "@/kit/Button";
import { AmountField, Select, TextField } from "@/kit/fields";
import { Panel } from "@/kit/Panel";
import { Table, type Column } from "@/kit/Table";
import { Amount, Percent } from "@/kit/values";
import { formatExact } from "@/money/format";
import { useSettings } from "@/settings/settings";
import { BASES, type Draft } from "./draft";

type Collateral = Draft["collaterals"][number];
type Example = Schemas["ProductExampleOut"];
type Line = Example["lines"][number];
const LINES = ["pledge", "warning", "displayed", "actual", "hard"] as const;

interface Props {
  collateral: Collateral;
  place: number;
  asset: string;
  at: (field: string) => string | undefined;
  example: Example | undefined;
  price: string;
  isDisabled: boolean;
  onPrice: (price: string) => void;
  onChange: (collateral: Collateral) => void;
  onRemove?: () => void;
}

/** One asset: its lines as they are typed, and beside them what they mean. */
export function CollateralForm({ collateral, place, asset, at, example, price, isDisabled, onPrice, onChange, onRemove }: Props): ReactNode {
  const { t } = useTranslation("lending_products");
  const path = (name: string): string => `collaterals.${String(place)}.${name}`;
  const set = (part: Partial<Collateral>): void => { onChange({ ...collateral, ...part }); };
  return (
    <Panel title={t("collateral.title", { asset: collateral.asset || "…" })} actions={onRemove !== undefined && <Button kind="quiet" onPress={onRemove}>{t("collateral.remove")}</Button>}>
      <div className="product-collateral">
        <div className="stack">
          <div className="product-fields">
            <TextField label={t("collateral.asset")} value={collateral.asset} onChange={(text) => { set({ asset: text }); }} error={at(path("asset"))} isDisabled={isDisabled} />
            <Select label={t("collateral.basis")} value={collateral.basis} choices={BASES.map((id) => ({ id, text: t(`basis.${id}`) }))} isDisabled={isDisabled}
              onChange={(basis) => { set({ basis }); }} />
          </div>
          <p className="dim">{t(`basis_means.${collateral.basis}`)}</p>
          <div className="product-fields">
            {LINES.map((name) => (
              <AmountField key={name} label={t(`line.${name}`)} value={collateral[name]} onChange={(text) => { set({ [name]: text }); }} error={at(path(name))} isDisabled={isDisabled} />
            ))}
            <AmountField label={t("collateral.haircut")} value={collateral.haircut} onChange={(haircut) => { set({ haircut }); }} error={at(path("haircut"))} isDisabled={isDisabled} />
            <AmountField label={t("collateral.asset_cap")} value={collateral.asset_cap} onChange={(text) => { set({ asset_cap: text }); }} error={at(path("asset_cap"))} isDisabled={isDisabled} />
          </div>
        </div>
        <Meaning collateral={collateral} asset={asset} example={example} price={price} onPrice={onPrice} />
      </div>
    </Panel>
  );
}

/** The lines in the three conventions and in money, for one unit drawn to the full. */
function Meaning({ collateral, asset, example, price, onPrice }: { collateral: Collateral; asset: string; example: Example | undefined; price: string; onPrice: (price: string) => void }): ReactNode {
  const { t } = useTranslation("lending_products");
  const { settings } = useSettings();
  const said = (amount: string | null | undefined): string => (amount === null || amount === undefined ? "–" : formatExact(amount, settings.language));
  const columns: Column<Line>[] = [
    { key: "line", title: t("meaning.line"), cell: (row) => t(`line.${row.line}`) },
    { key: "price_fraction", title: t("basis.PRICE_FRACTION"), end: true, cell: (row) => <Percent share={row.price_fraction} places={4} /> },
    { key: "ltv", title: t("basis.LTV"), end: true, cell: (row) => <Percent share={row.ltv} places={4} /> },
    { key: "coverage", title: t("basis.COVERAGE"), end: true, cell: (row) => <Percent share={row.coverage} places={4} /> },
    { key: "price", title: t("meaning.price", { asset }), end: true, cell: (row) => <strong><Amount value={row.price} /></strong> },
  ];
  return (
    <div className="stack">
      <AmountField label={t("meaning.at", { asset: collateral.asset || "…", quote: asset })} value={price} onChange={onPrice} placeholder={example?.price ?? ""} />
      {example === undefined || example.lines.length === 0
        ? <p className="dim">{t("meaning.none")}</p>
        : (
          <>
            <p data-testid="meaning">{t("meaning.sentence", {
              asset: example.asset, quote: asset, price: said(example.price), lends: said(example.lends),
              warning: said(example.lines[0]?.price), displayed: said(example.lines[1]?.price), actual: said(example.lines[2]?.price), hard: said(example.lines[3]?.price),
            })}</p>
            <Table name={t("meaning.title", { asset: example.asset })} columns={columns} rows={example.lines} rowKey={(row) => row.line} />
          </>
        )}
    </div>
  );
}
