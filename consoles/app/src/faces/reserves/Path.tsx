import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Table } from "@/kit/Table";
import type { Leaf } from "./verify";

interface Step {
  level: number;
  left: boolean;
  hash: string;
  sum: string;
}

function stepsOf(leaf: Leaf): Step[] {
  return leaf.path.map(({ hash, sum }, level) => ({ level, left: Math.floor(leaf.position / 2 ** level) % 2 === 1, hash, sum }));
}

/** Whatever the check of one asset is made from, for those who want to see it. */
export function Path({ leaf }: { leaf: Leaf }): ReactNode {
  const { t } = useTranslation("reserves");
  return (
    <details>
      <summary>{t("path.title", { asset: leaf.asset })}</summary>
      <div className="stack">
        <p className="reserves-hash">{t("path.leaf", { units: leaf.units })} <code>{leaf.nonce}</code></p>
        {leaf.path.length === 0 ? <p>{t("path.alone")}</p> : (
          <Table name={t("path.title", { asset: leaf.asset })} rows={stepsOf(leaf)} rowKey={(step) => step.level.toString()} columns={[
            { key: "level", title: t("path.level"), end: true, cell: (step) => <span className="number">{step.level + 1}</span> },
            { key: "side", title: t("path.side"), cell: (step) => t(step.left ? "path.left" : "path.right") },
            { key: "sum", title: t("path.sum"), end: true, cell: (step) => <span className="number">{step.sum}</span> },
            { key: "hash", title: t("path.hash"), cell: (step) => <code className="reserves-hash">{step.hash}</code> },
          ]} />
        )}
      </div>
    </details>
  );
}
