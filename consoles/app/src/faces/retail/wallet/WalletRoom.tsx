import type { ReactNode } from "react";
import { Link } from "react-router";
import { Doors } from "@/faces/funding/Doors";
import { useOwnEvents } from "@/faces/retail/orders/useOwnEvents";
import { useWords } from "@/faces/retail/words";
import { Tabs } from "@/kit/Tabs";
import { useSession } from "@/session/session";
import { Balances } from "./Balances";
import { Payments } from "./Payments";
import { Statement } from "./Statement";
import { Transfers } from "./Transfers";
import "../retail-more.css";

export default function WalletRoom(): ReactNode {
  const { t } = useWords("wallet");
  const { may } = useSession();
  useOwnEvents();
  return (
    <div className="stack">
      <h1>{t("retail_more:room.wallet")}</h1>
      <Doors />
      <Balances />
      {may("reserves:read") && <p><Link to="/reserves">{t("wallet:wallet.reserves")}</Link></p>}
      <section className="panel panel-body" aria-label={t("wallet:wallet.movements")}>
        <Tabs label={t("wallet:wallet.movements")} tabs={[
          ...(may("statements:read") ? [{ id: "statement", title: t("wallet:statement.title"), body: () => <Statement /> }] : []),
          ...(may("transfers:read") ? [{ id: "transfers", title: t("wallet:transfer.title"), body: () => <Transfers /> }] : []),
          ...(may("payment_orders:read") ? [{ id: "payments", title: t("wallet:pay.title"), body: () => <Payments /> }] : []),
        ]} />
      </section>
    </div>
  );
}
