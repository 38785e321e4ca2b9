// What can be borrowed, what it would mean, and the loans one has.

import { useState, type ReactNode } from "react";
import { useSwitchedOff } from "@/app/house";
import { Select } from "@/kit/fields";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { LoanList } from "./LoanList";
import { OfferForm } from "./offer/OfferForm";
import { Terms } from "./offer/Terms";
import { useProducts, type Product } from "./reads";
import { useWords } from "./words";
import "./borrow.css";

export default function BorrowRoom(): ReactNode {
  const { t } = useWords();
  const products = useProducts();
  const off = useSwitchedOff("lending");
  return (
    <div className="stack">
      <header className="borrow-title">
        <h1>{t("room.borrow")}</h1>
        <p className="dim">{t("intro")}</p>
      </header>
      <Panel title={t("mine.title")}><LoanList /></Panel>
      {off
        ? <Empty title={t("offer.off")} />
        : <Loaded query={products} lines={10} empty={<Empty title={t("offer.none")} />}>{(found) => <Choice products={found} />}</Loaded>}
    </div>
  );
}

function Choice({ products }: { products: readonly Product[] }): ReactNode {
  const { t } = useWords();
  const [wanted, setWanted] = useState<string | null>(null);
  const product = products.find(({ id }) => id === wanted) ?? products[0];
  if (product === undefined) return null;
  return (
    <div className="borrow-split">
      <Panel title={t("offer.title")}>
        <div className="stack">
          <Select label={t("offer.product")} value={product.id} onChange={setWanted} choices={products.map(({ id, name }) => ({ id, text: name }))} />
          <OfferForm key={product.id} product={product} />
        </div>
      </Panel>
      <Panel title={t("terms.title", { name: product.name })}><Terms product={product} /></Panel>
    </div>
  );
}
