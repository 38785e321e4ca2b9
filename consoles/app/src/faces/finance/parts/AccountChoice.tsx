import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "@/api/client";
import { Select, TextField } from "@/kit/fields";
import { Loaded } from "@/kit/states";

/** Finds an account of one asset by the beginning of its path. */
export function AccountChoice({ asset, chosen, choose }: { asset: string; chosen: string; choose: (id: string) => void }): ReactNode {
  const { t } = useTranslation("finance");
  const [typed, setTyped] = useState("");
  const path = useDeferredValue(typed.trim());
  const query = useQuery({
    queryKey: ["finance", "accounts", "choice", path],
    queryFn: async () => (await ask(api.GET("/v1/accounts", { params: { query: { path, limit: 100 } } }))).items,
  });
  return (
    <>
      <TextField label={t("account.begins_with")} value={typed} onChange={setTyped} autoComplete="off" placeholder="expense." />
      <Loaded query={query} lines={1}>
        {(accounts) => (
          <Select label={t("ticket.target")} value={chosen} onChange={choose}
            choices={accounts.filter((account) => account.asset === asset).map((account) => ({ id: account.id, text: account.path }))} />
        )}
      </Loaded>
    </>
  );
}
