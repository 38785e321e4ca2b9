import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { api, ask } from "@/api/client";
import { once } from "@/api/intent";
import { useWords } from "@/faces/retail/words";
import { Button } from "@/kit/Button";
import { Select } from "@/kit/fields";
import { Empty, Loaded } from "@/kit/states";
import { Table } from "@/kit/Table";
import { useToasts } from "@/kit/toasts";
import { Amount } from "@/kit/values";
import { useSession } from "@/session/session";
import { order, type Payment, type Product } from "./payments";

const UNITS = Array.from({ length: 10 }, (_, at) => at + 1);

/** What can be bought here. Ordering costs nothing yet: the price is seen first. */
export function Products({ onOrdered }: { onOrdered: (order: Payment) => void }): ReactNode {
  const { t } = useWords("wallet");
  const { may } = useSession();
  const query = useQuery({ queryKey: ["products"], queryFn: async () => (await ask(api.GET("/v1/products", { params: { query: { limit: 50 } } }))).items });
  const [units, setUnits] = useState(1);
  return (
    <details open className="retail-fold">
      <summary>{t("wallet:pay.products")}</summary>
      <div className="stack">
        <div className="retail-filters">
          <Select label={t("wallet:pay.units")} value={String(units)} onChange={(id) => { setUnits(UNITS.find((n) => String(n) === id) ?? 1); }}
            choices={UNITS.map((n) => ({ id: String(n), text: String(n) }))} />
        </div>
        <Loaded query={query} empty={<Empty title={t("wallet:pay.no_products")} />}>
          {(products) => (
            <Table name={t("wallet:pay.products")} rows={products} rowKey={(p) => p.sku} columns={[
              { key: "name", title: t("wallet:pay.product"), cell: (p) => p.name },
              { key: "price", title: t("retail_more:col.price"), end: true, cell: (p) => <Amount value={p.price} asset={p.asset} /> },
              { key: "stock", title: t("wallet:pay.stock"), end: true, cell: (p) => p.stock },
              { key: "deeds", title: t("retail_more:col.actions"), cell: (p) => may("payment_orders:write") && <OrderButton product={p} units={units} onOrdered={onOrdered} /> },
            ]} />
          )}
        </Loaded>
      </div>
    </details>
  );
}

function OrderButton({ product, units, onOrdered }: { product: Product; units: number; onOrdered: (order: Payment) => void }): ReactNode {
  const { t } = useWords("wallet");
  const client = useQueryClient();
  const { refused } = useToasts();
  const [busy, setBusy] = useState(false);
  const place = async (): Promise<void> => {
    setBusy(true);
    try {
      onOrdered(await once("payment-order", `order:${product.sku}:${units}`, (header) => order(product.sku, units, header["Idempotency-Key"])));
    } catch (error) {
      refused(error);
    }
    setBusy(false);
    await client.invalidateQueries({ queryKey: ["payment-orders"] });
  };
  return <Button busy={busy} isDisabled={product.stock < units} onPress={() => void place()}>{t("wallet:pay.order", { units })}</Button>;
}
