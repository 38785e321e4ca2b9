// An offer stands for some seconds: everything it means is on one page, and taking it is one press. Taken too late it is refused, and
// nothing happened; without an answer the same press again is the same loan.

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, type ReactNode } from "react";
import { useNavigate } from "react-router";
import { once } from "@/api/intent";
import { isUnknown } from "@/api/problem";
import { Button } from "@/kit/Button";
import { Dialog } from "@/kit/Dialog";
import { Failed } from "@/kit/states";
import { useToasts } from "@/kit/toasts";
import { Facts } from "@/kit/values";
import { takeOffer, type Offer as Made, type Product } from "../reads";
import { Standing } from "../Standing";
import { useWords } from "../words";
import { Schedule } from "./Schedule";

export function Offer({ offer, product, onClose }: { offer: Made; product: Product; onClose: () => void }): ReactNode {
  const { t, amount, percent } = useWords();
  const left = useSecondsLeft(product.quote_ttl_s);
  const { take, busy, error } = useTaking(offer);
  const open = error !== null && isUnknown(error);
  return (
    <Dialog title={t("offer.of", { name: product.name })} isOpen wide onClose={onClose} busy={busy}>
      <div className="borrow-split">
        <Facts rows={[
          [t("offer.paid_out"), <strong key="out" className="number">{amount(offer.paid_out, offer.borrow_asset)}</strong>],
          [t("offer.principal"), amount(offer.principal, offer.borrow_asset)],
          [t("offer.fee"), amount(offer.fee, offer.borrow_asset)],
          [t("offer.rate"), percent(offer.rate)],
          [t("offer.interest"), amount(offer.interest, offer.borrow_asset)],
          [t("offer.matures"), offer.matures_on],
          [t("offer.locked"), offer.collateral.map((piece) => amount(piece.quantity, piece.asset)).join(", ")],
        ]} />
        <Standing of={{ ...offer, asset: offer.borrow_asset }} />
      </div>
      {offer.schedule.length > 0 && <Schedule rows={offer.schedule} asset={offer.borrow_asset} />}
      <p className="dim">{t("offer.means", { displayed: t("gauge.displayed") })}</p>
      {error !== null && <Failed error={error} />}
      <div className="row">
        <Button kind="primary" busy={busy} isDisabled={left === 0 && !open} onPress={() => void take()}>{t("offer.take")}</Button>
        <Button isDisabled={busy} onPress={onClose}>{t("common:action.cancel")}</Button>
        <span role="timer" className={left === 0 ? "down" : "dim"}>{left === 0 ? t("offer.over") : t("offer.left", { n: left })}</span>
      </div>
    </Dialog>
  );
}

/** Counted from the moment it came: the page's clock need not be the server's. */
function useSecondsLeft(lasts: number): number {
  const [until] = useState(() => Date.now() + lasts * 1000);
  const [left, setLeft] = useState(lasts);
  useEffect(() => {
    const timer = setInterval(() => { setLeft(Math.max(0, Math.ceil((until - Date.now()) / 1000))); }, 250);
    return () => { clearInterval(timer); };
  }, [until]);
  return left;
}

function useTaking(offer: Made): { take: () => Promise<void>; busy: boolean; error: unknown } {
  const { t, amount } = useWords();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { tell } = useToasts();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const take = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      const loan = await once("loan", offer.id, (header) => takeOffer(offer.id, header));
      tell(t("offer.done", { sum: amount(offer.paid_out, offer.borrow_asset) }), "good");
      await navigate(`/borrow/${loan.id}`);
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
      await Promise.all(["loans", "balances"].map((key) => client.invalidateQueries({ queryKey: [key] })));
    }
  };
  return { take, busy, error };
}
