import type { ReactNode } from "react";
import { Link, useParams } from "react-router";
import { useWords } from "@/faces/retail/words";
import { OrderDetail } from "./OrderDetail";
import { useOwnEvents } from "./useOwnEvents";
import "../retail-more.css";

/** One order at an address of its own, for a bookmark or a question to support. */
export default function OrderRoom(): ReactNode {
  const { t } = useWords();
  const { id = "" } = useParams();
  useOwnEvents();
  return (
    <div className="stack retail-page">
      <p><Link to="/orders">← {t("retail_more:detail.back")}</Link></p>
      <h1>{t("retail_more:room.order")}</h1>
      <div className="panel panel-body"><OrderDetail id={id} /></div>
    </div>
  );
}
