import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, ask } from "@/api/client";
import type { Offer } from "@/app/house";
import { Button } from "@/kit/Button";
import { Failed } from "@/kit/states";
import { useToasts } from "@/kit/toasts";
import { useSession } from "@/session/session";
import { useStepUp } from "@/session/StepUp";
import type { House } from "./HouseRoom";

const PRODUCTS = ["trading", "payments", "lending", "earn", "withdrawals"] as const satisfies readonly Offer[];

/** What the house offers. Switching off begins nothing new; what runs goes on. */
export function Offered({ house }: { house: House }): ReactNode {
  const { t } = useTranslation("tenant");
  const client = useQueryClient();
  const { may } = useSession();
  const { tell } = useToasts();
  const { proven, question } = useStepUp();
  const [products, setProducts] = useState<readonly Offer[]>(house.products);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const toggle = (one: Offer): void => {
    setProducts((before) => (before.includes(one) ? before.filter((other) => other !== one) : [...before, one]));
  };
  const save = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const body = { products: [...products] };
      await proven(() => ask(api.PATCH("/v1/tenants/{id}", { params: { path: { id: house.id } }, body })));
      tell(t("look.saved"), "good");
      await client.invalidateQueries({ queryKey: ["house"] });
    } catch (refused) {
      setError(refused);
    }
    setBusy(false);
  };
  const still = !may("tenants:write");
  return (
    <form className="stack" onSubmit={(event) => void save(event)}>
      <p className="dim">{t("offered.note")}</p>
      {PRODUCTS.map((one) => (
        <label key={one} className="tenant-tick">
          <input type="checkbox" checked={products.includes(one)} disabled={still} onChange={() => { toggle(one); }} />
          <span>{t(`offered.${one}`)} <span className="dim">{t(`offered.${one}_off`)}</span></span>
        </label>
      ))}
      {error !== null && <Failed error={error} />}
      {!still && <div><Button kind="primary" type="submit" busy={busy}>{t("look.save")}</Button></div>}
      {question}
    </form>
  );
}
