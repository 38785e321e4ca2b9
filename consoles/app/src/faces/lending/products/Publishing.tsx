// From a draft to a product that lends: ask a second person, see what became of it; and the way back, for drafts and for what is offered.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, ask } from "@/api/client";
import { once } from "@/api/intent";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { useSession } from "@/session/session";
import type { Product } from "./draft";

export function Publishing({ product }: { product: Product }): ReactNode {
  const { t } = useTranslation("lending_products");
  const { may } = useSession();
  const client = useQueryClient();
  const [asking, setAsking] = useState<"publish" | "retire" | null>(null);
  const path = { id: product.id };
  const deeds = {
    publish: () => once("publish", { ...path, version: product.version }, (header) => ask(api.POST("/v1/loan-products/{id}/publish", { params: { path, header } }))),
    retire: () => {
      const body = { version: product.version };
      return once("retire", { ...path, ...body }, (header) => ask(api.POST("/v1/loan-products/{id}/retire", { params: { path, header }, body })));
    },
  };
  const act = async (deed: "publish" | "retire"): Promise<void> => {
    await deeds[deed]();
    await client.invalidateQueries({ queryKey: ["loan-products"] });
    await client.invalidateQueries({ queryKey: ["approvals"] });
  };
  if (product.status === "retired") return null;
  return (
    <div className="row">
      {product.approval_id !== null && <Asked id={product.approval_id} />}
      {may("lending:write") && product.status === "draft" && <Button kind="primary" onPress={() => { setAsking("publish"); }}>{t("publish.ask")}</Button>}
      {may("lending:write") && <Button onPress={() => { setAsking("retire"); }}>{t(`retire.${product.status}`)}</Button>}
      {asking !== null && (
        <Confirm title={t(asking === "publish" ? "publish.title" : `retire.${product.status}`)} isOpen onClose={() => { setAsking(null); }} act={() => act(asking)}
          verb={t(asking === "publish" ? "publish.ask" : `retire.${product.status}`)} danger={asking === "retire"}>
          <p>{t(asking === "publish" ? "publish.means" : `retire.means_${product.status}`)}</p>
        </Confirm>
      )}
    </div>
  );
}

/** What became of the question to a second person. */
function Asked({ id }: { id: string }): ReactNode {
  const { t } = useTranslation("lending_products");
  const query = useQuery({
    queryKey: ["approvals", "one", id],
    queryFn: () => ask(api.GET("/v1/approvals/{id}", { params: { path: { id } } })),
    refetchInterval: 5_000,
  });
  return <Link to={`/approvals/${id}`}>{query.data === undefined ? t("publish.approval") : t(`approval.${query.data.state}`)}</Link>;
}
