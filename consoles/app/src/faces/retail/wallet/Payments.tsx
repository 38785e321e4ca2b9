import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { api, ask, type Schemas } from "@/api/client";
import { once } from "@/api/intent";
import { Paged, usePages } from "@/faces/retail/pages";
import { useWords, type Words } from "@/faces/retail/words";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { Select } from "@/kit/fields";
import { Empty } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, Pill, When, type Tone } from "@/kit/values";
import { PayDialog } from "./PayDialog";
import { cancel, type Payment } from "./payments";
import { Products } from "./Products";

type Status = Schemas["PaymentStatus"];
const TONES: Record<string, Tone> = {
  pending: "warn", reserved: "info", paid: "good", cancelled: "plain", expired: "plain", partially_refunded: "info", refunded: "info",
};
const STATES: readonly Status[] = ["pending", "reserved", "paid", "cancelled", "expired", "partially_refunded", "refunded"];
const ALL = "all";

/** What one has ordered and paid, or still may. */
export function Payments(): ReactNode {
  const words = useWords("wallet");
  const { t } = words;
  const client = useQueryClient();
  const [filter, setFilter] = useState(ALL);
  const [paid, setPaid] = useState<Payment | null>(null);
  const [ended, setEnded] = useState<Payment | null>(null);
  const status = STATES.find((state) => state === filter);
  const query = usePages<Payment>(["payment-orders", filter], (cursor) => ask(api.GET("/v1/payment-orders", {
    params: { query: { limit: 50, ...(status === undefined ? {} : { status }), ...(cursor === null ? {} : { cursor }) } },
  })));
  const end = async (): Promise<void> => {
    if (ended === null) return;
    try {
      await once("payment-cancel", `cancel:${ended.id}`, (header) => cancel(ended.id, header["Idempotency-Key"]));
    } finally {
      await client.invalidateQueries({ queryKey: ["payment-orders"] });
    }
  };
  return (
    <div className="stack">
      <Products onOrdered={setPaid} />
      <div className="retail-filters">
        <Select label={t("retail_more:col.status")} value={filter} onChange={setFilter}
          choices={[{ id: ALL, text: t("retail_more:orders.all") }, ...STATES.map((id) => ({ id, text: t(`wallet:pay_status.${id}`) }))]} />
      </div>
      <Paged query={query} empty={<Empty title={t("wallet:pay.none")} />}>
        {(rows) => <Table name={t("wallet:pay.title")} rows={rows} rowKey={(row) => row.id} file="payments" columns={columnsOf(words, { pay: setPaid, end: setEnded })} />}
      </Paged>
      {paid !== null && <PayDialog key={paid.id} order={paid} onClose={() => { setPaid(null); }} onRenewed={setPaid} />}
      <Confirm title={t("wallet:pay.cancel")} isOpen={ended !== null} onClose={() => { setEnded(null); }} act={end} verb={t("wallet:pay.cancel")} danger>
        <p>{t("wallet:pay.cancel_ask", { quantity: ended?.quantity, sku: ended?.sku })}</p>
      </Confirm>
    </div>
  );
}

interface Deeds {
  pay: (row: Payment) => void;
  end: (row: Payment) => void;
}

function columnsOf({ t }: Words, { pay, end }: Deeds): Column<Payment>[] {
  return [
    { key: "time", title: t("retail_more:col.time"), cell: (r) => <When at={r.created_at} />, csv: (r) => r.created_at },
    { key: "sku", title: t("wallet:pay.product"), cell: (r) => r.sku, csv: (r) => r.sku },
    { key: "quantity", title: t("wallet:pay.units"), end: true, cell: (r) => r.quantity, csv: (r) => String(r.quantity) },
    { key: "price", title: t("retail_more:col.price"), end: true, cell: (r) => <Amount value={r.price} asset={r.asset} />, csv: (r) => r.price },
    { key: "amount", title: t("retail_more:col.amount"), end: true, cell: (r) => <Amount value={r.amount} asset={r.asset} />, csv: (r) => r.amount },
    { key: "refunded", title: t("wallet:pay.refunded"), end: true, cell: (r) => <Amount value={r.refunded} asset={r.asset} />, csv: (r) => r.refunded },
    { key: "status", title: t("retail_more:col.status"), cell: (r) => <Pill tone={TONES[r.status] ?? "plain"}>{t(`wallet:pay_status.${r.status}`)}</Pill>, csv: (r) => r.status },
    { key: "until", title: t("wallet:pay.until"), csv: (r) => r.paid_at ?? r.expires_at, cell: (r) => <When at={r.paid_at ?? r.expires_at} /> },
    { key: "deeds", title: t("retail_more:col.actions"), cell: (r) => (r.status === "pending" || r.status === "reserved") && (
      <span className="retail-deeds">
        <Button kind="primary" onPress={() => { pay(r); }}>{t("wallet:pay.verb")}</Button>
        <Button kind="quiet" onPress={() => { end(r); }}>{t("wallet:pay.cancel")}</Button>
      </span>
    ) },
  ];
}
