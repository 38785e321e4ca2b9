// One's own house: how it looks and what it offers, by one person; what keeps money in, by two.

import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { Panel } from "@/kit/Panel";
import { Loaded } from "@/kit/states";
import { LookForm } from "./LookForm";
import { Offered } from "./Offered";
import { Policy } from "./Policy";
import "./tenant.css";

export type House = Schemas["TenantOut"];

export function useHouse(): UseQueryResult<House> {
  return useQuery({
    queryKey: ["house"],
    queryFn: async () => {
      const { id } = await ask(api.GET("/v1/tenants/current"));
      return ask(api.GET("/v1/tenants/{id}", { params: { path: { id } } }));
    },
  });
}

export default function HouseRoom(): ReactNode {
  const { t } = useTranslation("tenant");
  const query = useHouse();
  return (
    <div className="stack">
      <h1>{t("room.house")}</h1>
      <Loaded query={query} lines={8}>
        {(house) => (
          <div className="tenant-split">
            <Panel title={t("look.title")}><LookForm key={house.version} house={house} /></Panel>
            <Panel title={t("offered.title")}><Offered key={house.version} house={house} /></Panel>
            <Panel title={t("policy.title")}><Policy id={house.id} /></Panel>
          </div>
        )}
      </Loaded>
    </div>
  );
}
